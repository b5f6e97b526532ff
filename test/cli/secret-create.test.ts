import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type Ended, notBuilt, type RunOptions, tidewaiter } from '../robustness/program.js';
import { findKubectl, runKubectl } from '../support/kubectl.js';
import { temporaryFolder } from '../support/paths.js';

const skip = notBuilt;
const kubectl = findKubectl();
const password = 'Hidden-7f3a!';
const login = ['--docker-username=bob', `--docker-password=${password}`];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const create = (words: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  tidewaiter(['secret', 'create', 'docker-registry', ...words], options);

/** Files for `--from-file`: a config, something else, a folder. */
function workshop(folder: string): void {
  writeFileSync(join(folder, 'config.json'), '{"auths":{"quay.io":{"auth":"Ym9iOnB3"}}}\n');
  writeFileSync(join(folder, 'other.json'), 'not JSON at all \u00e9 <&>');
  writeFileSync(join(folder, 'bytes.bin'), new Uint8Array([0, 255, 10, 13, 128]));
  writeFileSync(join(folder, 'empty'), '');
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'folder', '.dockerconfigjson'), '{}');
}

/** Words behind `docker-registry`; those that fail must fail on both sides. */
const lists: readonly (readonly string[])[] = [
  ['regcred', ...login, '-o', 'json'],
  ['regcred', ...login, '-o', 'yaml'],
  ['regcred', ...login, '--docker-server=quay.io', '--docker-email=bob@example.com', '-o=json'],
  ['regcred', ...login, '--docker-server=https://index.docker.io/v1', '-n', 'team', '-ojson'],
  ['regcred', ...login, '--namespace=team', '--docker-server', 'reg.example.com:5000/a/b', '-o', 'yaml'],
  ['regcred', ...login, '--append-hash', '-o', 'json'],
  ['regcred', ...login, '--append-hash=true', '-n', 'team', '--docker-email=e', '-o', 'yaml'],
  ['regcred', ...login, '--append-hash=false', '-o', 'name'],
  ['regcred', ...login, '--save-config', '-o', 'json'],
  ['regcred', ...login, '--save-config', '--append-hash', '-n', 'x', '-o', 'yaml'],
  ['r', '--docker-username=u"<&>\\\u00fc\u2028', '--docker-password=p:%\t\u{1f511} w', '-o', 'json'],
  ['r', '--docker-username=u"<&>\\\u00fc\u2028', '--docker-password=p:%\t\u{1f511} w', '-o', 'yaml'],
  ['r', '--docker-username=a:b', '--docker-password=c', '--docker-server=http://h/v2/', '-o', 'json'],
  ['r', '--from-file=config.json', '-o', 'json'],
  ['r', '--from-file=.dockerconfigjson=config.json', '-o', 'yaml'],
  ['r', '--from-file=config.json', '--from-file=b=other.json', '-o', 'yaml'],
  ['r', '--from-file=config.json,a.b-c_d=bytes.bin', '--append-hash', '-o', 'json'],
  ['r', '--from-file=empty', '-o', 'json'],
  ['r', '--from-file=other.json', ...login, '-o', 'json'],
  ['"12"', ...login, '-o', 'yaml'],
  ['12', ...login, '-n', 'true', '-o', 'yaml'],
  ['-o', 'yaml', 'R_x.y', '--docker-password', 'x', '--docker-username', 'y', '--type=kubernetes.io/dockerconfigjson'],
  ['r', '--docker-username=u', '-o', 'json'],
  ['r', '--docker-password=p', '-o', 'json'],
  ['r', ...login, '--docker-server=', '-o', 'json'],
  ['r', 's', ...login, '-o', 'json'],
  [...login, '-o', 'json'],
  ['r', ...login, '-o', 'xml'],
  ['r', '--from-file=missing', '-o', 'json'],
  ['r', '--from-file=folder', '-o', 'json'],
  ['r', '--from-file=k=folder', '-o', 'json'],
  ['r', '--from-file=a b=config.json', '-o', 'json'],
  ['r', '--from-file=..=config.json', '-o', 'json'],
  ['r', '--from-file==config.json', '-o', 'json'],
  ['r', '--from-file=k=', '-o', 'json'],
  ['r', '--from-file=a=b=c', '-o', 'json'],
  ['r', '--from-file=config.json', '--from-file=config.json', '-o', 'json'],
];

const noKubectl = kubectl === undefined ? 'no kubectl in KUBEBUILDER_ASSETS or TIDEWAITER_KUBECTL' : skip;

test('the answer is that of kubectl, to the byte', { skip: noKubectl }, async (t) => {
  const folder = temporaryFolder(t);
  workshop(folder);
  for (const words of lists) {
    const theirs = ['create', 'secret', 'docker-registry', ...words.filter((word) => !word.startsWith('--type='))];
    const wanted = runKubectl(kubectl ?? '', [...theirs, '--dry-run=client'], folder);
    const ours = await create([...words, '--dry-run=client'], { cwd: folder, env: { HOME: folder } });
    const what = `${words.join(' ')}\n${ours.stderr}\n${wanted.stderr}`;
    assert.equal(ours.exitCode, wanted.exitCode === 0 ? 0 : 2, what);
    assert.equal(ours.stdout, wanted.stdout, what);
  }
});

test('a password need not stand on the command line', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const words = ['regcred', '--docker-username=bob', '-o', 'json', '--dry-run'];
  const env = { HOME: folder };
  const given = await create([...words, `--docker-password=${password}`], { env });
  assert.equal(given.exitCode, 0, given.stderr);
  assert.match(given.stderr, /--docker-password on the command line can be seen/);
  const piped = await create([...words, '--docker-password-stdin'], { env, stdin: bytes(`${password}\n`) });
  const variable = await create(words, { env: { ...env, TIDEWAITER_DOCKER_PASSWORD: password } });
  for (const { exitCode, stdout, stderr } of [piped, variable]) {
    assert.deepEqual([exitCode, stdout], [0, given.stdout], stderr);
    assert.doesNotMatch(stderr, /can be seen/);
  }
  for (const { stdout, stderr } of [given, piped, variable]) {
    assert.ok(!stderr.includes(password));
    assert.ok(!stdout.includes(password), 'in base64 only');
  }
  const both = await create([...words, `--docker-password=${password}`, '--docker-password-stdin'], {
    env,
    stdin: bytes('x'),
  });
  assert.equal(both.exitCode, 2);
  assert.equal((await create([...words, '--docker-password-stdin'], { env, stdin: bytes('') })).exitCode, 2);
});

test('what is printed is YAML unless asked otherwise, and the last line says so', { skip }, async () => {
  const { exitCode, stdout, stderr } = await create(['regcred', ...login]);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^apiVersion: v1\ndata:\n {2}\.dockerconfigjson: [A-Za-z0-9+/=]+\nkind: Secret\n/);
  assert.match(stderr.trimEnd().split('\n').at(-1) ?? '', /^result: pass: /);
});

test('servers that no kubelet matches are warned of', { skip }, async () => {
  for (const server of ['https://index.docker.io/v1', 'HTTPS://quay.io', 'reg.io/app:1', 'reg.io:*']) {
    const { exitCode, stderr } = await create(['regcred', ...login, `--docker-server=${server}`]);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr.replace(/warning: --docker-password[^\n]*\n/, ''), /^warning: /m, server);
  }
  const { stderr } = await create(['regcred', '--docker-username=bob', '--docker-server=quay.io'], {
    env: { TIDEWAITER_DOCKER_PASSWORD: password },
  });
  assert.doesNotMatch(stderr, /warning/);
});

test('what is not done here is refused with a way to do it', { skip }, async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['generic', 'x'], /kubectl create secret generic/],
    [['generic', 'x', '--from-literal=a=b'], /kubectl create secret generic/],
    [['tls', 'x'], /kubectl create secret tls/],
    [['regcred'], /needs NAME/],
    [['regcred', 'x'], /docker-registry NAME/],
    [['docker-registry', 'x', ...login, '--dry-run=server'], /kubectl apply/],
    [['docker-registry', 'x', ...login, '--dry-run=none'], /kubectl apply/],
    [['docker-registry', 'x', ...login, '-o', 'go-template'], /yaml, json, name/],
    [['docker-registry', 'x', ...login, 'stray-word'], /the word after "x"/],
  ];
  for (const [words, says] of cases) {
    const { exitCode, stdout, stderr } = await tidewaiter(['secret', 'create', ...words]);
    assert.deepEqual([exitCode, stdout], [2, ''], stderr);
    assert.match(stderr, says);
    assert.ok(!stderr.includes(password));
  }
  const noted = await create(['x', ...login, '--field-manager=me', '--validate', '--kubeconfig', 'k', '--context=c']);
  assert.equal(noted.exitCode, 0);
  assert.equal(noted.stderr.match(/has no effect here/g)?.length, 4);
});
