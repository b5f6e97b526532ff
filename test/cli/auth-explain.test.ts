import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type Ended, notBuilt, tidewaiter } from '../robustness/program.js';
import { temporaryFolder } from '../support/paths.js';
import { startRegistry } from '../support/registry/index.js';

const skip = notBuilt;
const password = 'Hidden-7f3a!';
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

interface Candidate {
  readonly origin: string;
  readonly key: string | null;
  readonly username: string | null;
  readonly matches: boolean;
  readonly why: string;
  readonly accepted: boolean | null;
  readonly answer: string | null;
  readonly used: boolean;
}

interface Explained {
  readonly image: string;
  readonly candidates: readonly Candidate[];
  readonly anonymous: { readonly accepted: boolean } | null;
  readonly registryAsked: boolean;
  readonly warnings: readonly string[];
}

/** Every spelling under which a secret could slip out. */
function hides({ stdout, stderr }: Ended, ...secrets: readonly string[]): void {
  const text = stdout + stderr;
  for (const secret of secrets) {
    for (const form of [secret, encoded(secret), encodeURIComponent(secret), encoded(`bob:${secret}`)]) {
      assert.ok(!text.includes(form), `${form} in\n${text}`);
    }
  }
}

/** Words of a Secret with these logins. */
function secretOf(auths: Readonly<Record<string, { readonly username: string; readonly password: string }>>): string {
  const data = { '.dockerconfigjson': encoded(JSON.stringify({ auths })) };
  const metadata = { name: 'regcred', namespace: 'team' };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/dockerconfigjson', data });
}

function dockerConfig(home: string, auths: Readonly<Record<string, string>>): void {
  mkdirSync(join(home, '.docker'), { recursive: true });
  const entries = Object.entries(auths).map(([key, pair]) => [key, { auth: encoded(pair) }]);
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ auths: Object.fromEntries(entries) }));
}

async function explain(home: string, words: readonly string[]): Promise<Ended & { readonly told: Explained }> {
  const ended = await tidewaiter(['auth', 'explain', '--debug', '--format', 'json', ...words], { env: { HOME: home } });
  hides(ended, password);
  return { ...ended, told: JSON.parse(ended.stdout || '{}') as Explained };
}

for (const kind of ['basic', 'bearer'] as const) {
  test(`candidates are tried in order, and the first accepted one is used (${kind})`, { skip }, async (t) => {
    const home = temporaryFolder(t);
    const registry = await startRegistry({ auth: { kind, users: { bob: password } } });
    t.after(() => registry.close());
    writeFileSync(
      join(home, 'secret.json'),
      secretOf({
        'quay.io': { username: 'q', password },
        [registry.host]: { username: 'eve', password: 'wrong' },
        [`${registry.host}/team`]: { username: 'bob', password },
      }),
    );
    dockerConfig(home, { [registry.host]: `bob:${password}` });
    const image = `${registry.host}/team/app:1`;
    const words = ['--registry-secret', join(home, 'secret.json'), image];
    const { exitCode, stderr, told } = await explain(home, words);
    assert.equal(exitCode, 0, stderr);
    assert.match(lastLine(stderr), /^result: pass: .* accepts secret team\/regcred/);
    const matching = told.candidates.filter(({ matches }) => matches);
    assert.deepEqual(
      matching.map(({ key, username, used }) => [key, username, used]),
      [
        [`${registry.host}/team`, 'bob', true],
        [registry.host, 'eve', false],
        [registry.host, 'bob', false],
      ],
    );
    assert.deepEqual(
      matching.map(({ accepted }) => accepted),
      [true, false, true],
    );
    const [other] = told.candidates.filter(({ matches }) => !matches);
    assert.deepEqual([other?.key, other?.accepted, other?.used], ['quay.io', null, false]);
    assert.ok((other?.why ?? '').length > 10);
    const table = await tidewaiter(['auth', 'explain', ...words], { env: { HOME: home } });
    assert.equal(table.exitCode, 0);
    hides(table, password);
    for (const word of ['<- used', 'quay.io', 'eve', 'Without a credential'])
      assert.ok(table.stdout.includes(word), word);
  });
}

test('a registry that accepts nothing fails, one that asks for nothing passes', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const closed = await startRegistry({ auth: { kind: 'bearer', users: { bob: 'other' } } });
  t.after(() => closed.close());
  const open = await startRegistry();
  t.after(() => open.close());
  const given = ['--username', 'bob', '--password', password];
  const refused = await explain(home, [...given, `${closed.host}/app`]);
  assert.equal(refused.exitCode, 1, refused.stderr);
  assert.match(lastLine(refused.stderr), /^result: fail: /);
  assert.equal(refused.told.candidates[0]?.accepted, false);
  const nothing = await explain(home, [`${closed.host}/app`]);
  assert.equal(nothing.exitCode, 1, nothing.stderr);
  assert.deepEqual([nothing.told.candidates, nothing.told.anonymous?.accepted], [[], false]);
  const anonymous = await explain(home, [`${open.host}/app`]);
  assert.equal(anonymous.exitCode, 0, anonymous.stderr);
  assert.equal(anonymous.told.anonymous?.accepted, true);
  const token = await explain(home, ['--registry-token', password, `${closed.host}/app`]);
  assert.equal(token.exitCode, 1, token.stderr);
});

test('offline nothing is asked, and what matches is told all the same', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry();
  t.after(() => registry.close());
  dockerConfig(home, { [registry.host]: `bob:${password}` });
  const { exitCode, stderr, told } = await explain(home, ['--offline', `${registry.host}/app`]);
  assert.equal(exitCode, 0, stderr);
  assert.equal(told.registryAsked, false);
  assert.deepEqual(
    told.candidates.map(({ matches, accepted }) => [matches, accepted]),
    [[true, null]],
  );
  assert.equal(registry.accessLog.length, 0);
});

test('what was considered is told even if the registry does not answer', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry();
  await registry.close();
  dockerConfig(home, { [registry.host]: `bob:${password}` });
  const { exitCode, stderr, told } = await explain(home, [`${registry.host}/app`]);
  assert.equal(exitCode, 4, stderr);
  assert.equal(lastLine(stderr), 'result: error: REGISTRY_UNREACHABLE');
  assert.equal(told.candidates.length, 1);
});

test('a credential of Docker Hub that is offered elsewhere, and a key that ends inside a name, are warned of', {
  skip,
}, async (t) => {
  const home = temporaryFolder(t);
  const file = join(home, 'secret.json');
  writeFileSync(file, secretOf({ 'https://index.docker.io/v1/': { username: 'bob', password } }));
  const local = await explain(home, ['--offline', '--registry-secret', file, 'localhost/app']);
  assert.equal(local.told.candidates[0]?.matches, true);
  assert.equal(local.told.warnings.length, 1);
  const hub = await explain(home, ['--offline', '--registry-secret', file, 'nginx']);
  assert.deepEqual([hub.told.candidates[0]?.matches, hub.told.warnings], [true, []]);
  writeFileSync(file, secretOf({ 'quay.io/me/foo': { username: 'bob', password } }));
  const evil = await explain(home, ['--offline', '--registry-secret', file, 'quay.io/me/foo-evil']);
  assert.deepEqual([evil.told.candidates[0]?.matches, evil.told.warnings.length], [true, 1]);
  const own = await explain(home, ['--offline', '--registry-secret', file, 'quay.io/me/foo']);
  assert.deepEqual([own.told.candidates[0]?.matches, own.told.warnings.length], [true, 0]);
});

test('what is wrong with the words or the files is said without a secret', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const broken = join(home, 'broken.yaml');
  writeFileSync(broken, `kind: Secret\ndata: [${password}\n`);
  const cases: readonly (readonly [readonly string[], number])[] = [
    [['Nginx'], 2],
    [['--username', 'bob', 'nginx'], 2],
    [['--password', password, 'nginx'], 2],
    [['nginx', password], 2],
    [['--registry-token', password, '--offlin', 'nginx'], 2],
    [[`-p${password}`, 'nginx'], 2],
    [['--registry-secret', join(home, 'missing'), 'nginx'], 2],
    [['--registry-secret', broken, '--offline', 'nginx'], 2],
    [['--cacert', broken, 'nginx'], 2],
  ];
  for (const [words, wanted] of cases) {
    const { exitCode, stderr } = await explain(home, words);
    assert.equal(exitCode, wanted, `${words.join(' ')}\n${stderr}`);
  }
});

test('aliases and mirrors come from the configuration file', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry({ auth: { kind: 'basic', users: { bob: password } } });
  t.after(() => registry.close());
  const config = join(home, 'own.yaml');
  writeFileSync(config, `registry:\n  aliases:\n    reg.example.com: http://${registry.host}\n`);
  dockerConfig(home, { 'reg.example.com': `bob:${password}` });
  const { exitCode, stderr } = await explain(home, ['--config', config, 'reg.example.com/app']);
  assert.equal(exitCode, 0, stderr);
  assert.ok(registry.accessLog.some(({ authorization }) => authorization === 'basic'));
});

test('a registry that repeats what it was shown gets it into no output', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry({ auth: { kind: 'basic', users: { bob: 'other' } } });
  t.after(() => registry.close());
  const message = `bob:${password} and Basic ${encoded(`bob:${password}`)} are wrong`;
  const body = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message }] });
  registry.faults.add({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body, times: 50 });
  dockerConfig(home, { [registry.host]: `bob:${password}` });
  const { exitCode, stderr, told } = await explain(home, [`${registry.host}/app`]);
  assert.equal(exitCode, 1, stderr);
  assert.match(told.candidates[0]?.answer ?? '', /401/);
  const login = ['login', registry.host, '-u', 'bob', '-p', password, '--debug'];
  const ended = await tidewaiter(login, { env: { HOME: home } });
  assert.equal(ended.exitCode, 4, ended.stderr);
  hides(ended, password);
});
