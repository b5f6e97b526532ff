import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { alpineImage } from '../robustness/alpine-image.js';
import { type Ended, notBuilt, tidewaiter } from '../robustness/program.js';
import { buildImage } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { startRegistry } from '../support/registry/index.js';

const skip = notBuilt;
const password = 'Hidden-7f3a!';
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

function secretYaml(auths: object, type = 'kubernetes.io/dockerconfigjson'): string {
  const data = encoded(JSON.stringify({ auths }));
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: regcred\ntype: ${type}\ndata:\n  .dockerconfigjson: ${data}\n`;
}

async function run(words: readonly string[], stdin: string, home: string): Promise<Ended> {
  const ended = await tidewaiter(['secret', ...words, '--debug'], { env: { HOME: home }, stdin: bytes(stdin) });
  for (const form of [password, encoded(password), encoded(`bob:${password}`)]) {
    assert.ok(!(ended.stdout + ended.stderr).includes(form), `${form} in\n${ended.stdout}${ended.stderr}`);
  }
  return ended;
}

for (const kind of ['basic', 'bearer'] as const) {
  test(`a secret passes when the kubelet uses it and the registry gives the image (${kind})`, { skip }, async (t) => {
    const home = temporaryFolder(t);
    const may = (user: string | undefined, repository: string): boolean => user === 'bob' && repository !== 'locked';
    const registry = await startRegistry({ auth: { kind, users: { bob: password }, may } });
    t.after(() => registry.close());
    registry.addImage('app', '1', buildImage(alpineImage));
    registry.addImage('locked', '1', buildImage(alpineImage));
    // The user's own login would do: it must not be what is checked.
    mkdirSync(join(home, '.docker'));
    const own = { auths: { [registry.host]: { auth: encoded(`bob:${password}`) } } };
    writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify(own));
    const good = secretYaml({ [registry.host]: { username: 'bob', password } });
    const cases: readonly (readonly [string, string, number, RegExp])[] = [
      [good, 'app:1', 0, /^result: pass: /],
      [good, 'app:2', 1, /gives no /],
      [good, 'none:1', 1, /^result: fail: /],
      [good, 'locked:1', 1, /^result: fail: /],
      [secretYaml({ [registry.host]: { username: 'bob', password: 'x' } }), 'app:1', 1, /does not accept/],
      [secretYaml({ 'quay.io': { username: 'bob', password } }), 'app:1', 1, /no key matches/],
      [secretYaml({ [`${registry.host}/team`]: { username: 'bob', password } }), 'app:1', 1, /no key matches/],
      [secretYaml({ [registry.host]: { username: 'bob', password } }, 'Opaque'), 'app:1', 1, /Opaque/],
      [secretYaml({ [registry.host]: { username: 'bob', password }, 'x.io': { auth: '!!' } }), 'app:1', 1, /x\.io/],
    ];
    for (const [secret, image, wanted, says] of cases) {
      const { exitCode, stderr, stdout } = await run(['check', '-', `${registry.host}/${image}`], secret, home);
      assert.equal(exitCode, wanted, `${image}\n${stdout}${stderr}`);
      assert.match(lastLine(stderr), says);
    }
  });
}

test('offline only the kubelet half is answered, which is incomplete', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const secret = secretYaml({ '*.example.com': { username: 'bob', password } });
  const used = await run(['check', '-', 'reg.example.com/x', '--offline', '--format', 'json'], secret, home);
  assert.equal(used.exitCode, 3, used.stderr);
  const told = JSON.parse(used.stdout) as { usable: boolean; usedByKubelet: boolean; registryAsked: boolean };
  assert.deepEqual([told.usable, told.usedByKubelet, told.registryAsked], [true, true, false]);
  const unused = await run(['check', '-', 'a.reg.example.com/x', '--offline'], secret, home);
  assert.equal(unused.exitCode, 1, unused.stderr);
});

test('a registry that cannot be reached is no verdict', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry();
  await registry.close();
  const secret = secretYaml({ [registry.host]: { username: 'bob', password } });
  const { exitCode, stdout, stderr } = await run(['check', '-', `${registry.host}/app`], secret, home);
  assert.deepEqual([exitCode, lastLine(stderr)], [4, 'result: error: REGISTRY_UNREACHABLE']);
  assert.ok(stdout.includes('bob'), 'what was considered is told');
});

test('several secrets of one file are one pod', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry({ auth: { kind: 'basic', users: { bob: password } } });
  t.after(() => registry.close());
  registry.addImage('app', '1', buildImage(alpineImage));
  const wrong = secretYaml({ [registry.host]: { username: 'eve', password: 'x' } });
  const right = secretYaml({ [registry.host]: { username: 'bob', password } });
  const { exitCode, stdout, stderr } = await run(
    ['check', '-', `${registry.host}/app:1`],
    `${wrong}---\n${right}`,
    home,
  );
  assert.equal(exitCode, 0, stderr);
  assert.ok(stdout.indexOf('eve') < stdout.indexOf('bob'));
});

test('show decodes every key and hides every password', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const secret = secretYaml({
    'https://index.docker.io/v1/': {
      username: 'bob',
      password,
      email: 'bob@example.com',
      auth: encoded(`bob:${password}`),
    },
    'quay.io/team': { auth: encoded(`robot:${password}`) },
  });
  const table = await run(['show', '-'], secret, home);
  assert.equal(table.exitCode, 0, table.stderr);
  for (const word of [
    'secret regcred',
    'https://index.docker.io/v1/',
    'bob@example.com',
    'quay.io/team',
    'robot',
    'hidden',
  ])
    assert.ok(table.stdout.includes(word), `${word} in\n${table.stdout}`);
  const json = await run(['show', '-', '--format', 'json'], secret, home);
  const told = JSON.parse(json.stdout) as {
    name: string;
    registries: { key: string; username: string; hasPassword: boolean; email: string | null; images: string }[];
    findings: { severity: string; key?: string }[];
  }[];
  assert.deepEqual(
    told.map(({ name, findings }) => [name, findings.some(({ severity }) => severity === 'error')]),
    [['regcred', false]],
  );
  assert.deepEqual(
    told[0]?.registries.map(({ username, hasPassword, email }) => [username, hasPassword, email]),
    [
      ['bob', true, 'bob@example.com'],
      ['robot', true, null],
    ],
  );
});

test('show finds what makes a secret useless, and what is no secret', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const login = { username: 'bob', password };
  const useless: readonly string[] = [
    secretYaml({ 'quay.io': login }, 'Opaque'),
    secretYaml({ 'quay.io': { auth: `!${password}` } }),
    secretYaml({ 'quay.io': { auth: encoded(password) } }),
    secretYaml({ 'https://index.docker.io/v1': login }),
    secretYaml({ 'reg.io:*': login }),
    `kind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: "${password}"}\n`,
    'kind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata: {}\n',
  ];
  for (const secret of useless) {
    const { exitCode, stdout, stderr } = await run(['show', '-'], secret, home);
    assert.equal(exitCode, 1, `${secret}\n${stdout}${stderr}`);
    assert.match(stdout, /error: /);
    assert.match(lastLine(stderr), /^result: fail: /);
  }
  const none = [
    '',
    'kind: Pod\n',
    '[1, 2]',
    `{"kind": "Secret", "data": "${password}"}`,
    `a: b: ${password}`,
    '\u0000\u0001',
  ];
  for (const text of none) {
    for (const words of [
      ['show', '-'],
      ['check', '-', 'nginx', '--offline'],
    ]) {
      const { exitCode, stdout, stderr } = await run(words, text, home);
      assert.deepEqual([exitCode, stdout], [2, ''], `${text}\n${stderr}`);
    }
  }
  const other = 'kind: Secret\ntype: Opaque\ndata: {a: YQ==}\n';
  const mixed = await run(['show', '-'], `${other}---\n${secretYaml({ 'quay.io': login })}`, home);
  assert.deepEqual([mixed.exitCode, mixed.stdout.includes('Opaque')], [0, false], mixed.stderr);
  assert.equal((await run(['show', '-'], other, home)).exitCode, 1);
  const missing = await run(['show', join(home, 'none.yaml')], '', home);
  assert.deepEqual([missing.exitCode, lastLine(missing.stderr)], [2, 'result: error: FILE_NOT_FOUND']);
});

test('a password inside a key is hidden, too', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const key = `https://bob:${password}@quay.io/team`;
  for (const auths of [
    { [key]: { username: 'bob', password } },
    { [key]: { auth: '!' } },
    { [`${key}:1`]: { auth: 'Og==' } },
  ]) {
    for (const format of ['table', 'json']) {
      const shown = await run(['show', '-', '--format', format], secretYaml(auths), home);
      assert.ok(shown.stdout.includes('quay.io/team'), shown.stdout);
      const checked = await run(
        ['check', '-', 'quay.io/team/app', '--offline', '--format', format],
        secretYaml(auths),
        home,
      );
      assert.ok([1, 3].includes(checked.exitCode ?? -1), checked.stderr);
    }
  }
});
