import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { notBuilt, program, tidewaiter } from '../robustness/program.js';
import { makeAuthority } from '../support/certificates.js';
import { temporaryFolder } from '../support/paths.js';
import { findProgram, startDistribution } from '../support/real-registry.js';
import { startRegistry } from '../support/registry/index.js';

const skip = notBuilt;
const password = 'Hidden-7f3a!';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
const stored = (folder: string): unknown => JSON.parse(readFileSync(join(folder, '.docker', 'config.json'), 'utf8'));

for (const kind of ['basic', 'bearer'] as const) {
  test(`login keeps what the registry accepts, logout takes it away (${kind})`, { skip }, async (t) => {
    const home = temporaryFolder(t);
    const registry = await startRegistry({ auth: { kind, users: { bob: password } } });
    t.after(() => registry.close());
    const env = { HOME: home };
    const login = ['login', registry.host, '-u', 'bob', '--password-stdin', '--debug'];
    const done = await tidewaiter(login, { env, stdin: bytes(`${password}\n`) });
    assert.deepEqual([done.exitCode, done.stdout], [0, 'Login Succeeded\n'], done.stderr);
    assert.match(lastLine(done.stderr), /^result: pass: logged in to 127\.0\.0\.1/);
    const auth = Buffer.from(`bob:${password}`).toString('base64');
    assert.deepEqual(stored(home), { auths: { [registry.host]: { auth } } });
    assert.equal(statSync(join(home, '.docker', 'config.json')).mode & 0o077, 0);
    assert.ok(!`${done.stdout}${done.stderr}`.includes(password));
    assert.ok(!`${done.stdout}${done.stderr}`.includes(auth));

    const out = await tidewaiter(['logout', registry.host], { env });
    assert.equal(out.exitCode, 0, out.stderr);
    assert.deepEqual(stored(home), { auths: {} });
    const again = await tidewaiter(['logout', registry.host], { env });
    assert.equal(again.exitCode, 0, again.stderr);
    assert.match(again.stdout, /Not logged in/);
  });

  test(`login keeps nothing that the registry refuses (${kind})`, { skip }, async (t) => {
    const home = temporaryFolder(t);
    const registry = await startRegistry({ auth: { kind, users: { bob: 'another' } } });
    t.after(() => registry.close());
    const { exitCode, stdout, stderr } = await tidewaiter(
      ['login', registry.host, '-u', 'bob', '-p', password, '--debug'],
      { env: { HOME: home } },
    );
    assert.deepEqual([exitCode, stdout], [4, ''], stderr);
    assert.equal(lastLine(stderr), 'result: error: UNAUTHORIZED');
    assert.match(stderr, /--password on the command line can be seen/);
    assert.ok(!stderr.includes(password));
    assert.equal(existsSync(join(home, '.docker', 'config.json')), false);
  });
}

test('only the credential to be kept is shown to the registry', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry({ auth: { kind: 'basic', users: { old: 'one' } } });
  t.after(() => registry.close());
  mkdirSync(join(home, '.docker'));
  const before = JSON.stringify({ auths: { [registry.host]: { auth: Buffer.from('old:one').toString('base64') } } });
  writeFileSync(join(home, '.docker', 'config.json'), before);
  const { exitCode } = await tidewaiter(['login', registry.host, '-u', 'bob', '--password-stdin'], {
    env: { HOME: home },
    stdin: bytes(password),
  });
  assert.equal(exitCode, 4);
  assert.equal(readFileSync(join(home, '.docker', 'config.json'), 'utf8'), before);
  const shown = new Set(registry.accessLog.map(({ authorizationHeader }) => authorizationHeader));
  assert.ok(!shown.has(`Basic ${Buffer.from('old:one').toString('base64')}`));
});

test('a registry with its own authority, and one that is not there', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const registry = await startRegistry({ tls: { cert, key }, auth: { kind: 'basic', users: { bob: password } } });
  t.after(() => registry.close());
  writeFileSync(join(home, 'ca.pem'), authority.pem);
  const login = ['login', `https://${registry.host}/v2/`, '-u', 'bob', '--password-stdin'];
  const options = { env: { HOME: home }, stdin: bytes(password), cwd: home };
  const untrusted = await tidewaiter(login, options);
  assert.equal(untrusted.exitCode, 4, untrusted.stderr);
  assert.ok(registry.accessLog.every(({ authorization }) => authorization === 'none'));
  assert.equal((await tidewaiter([...login, '--cacert', 'ca.pem'], options)).exitCode, 0);
  assert.equal((await tidewaiter([...login, '--insecure'], options)).exitCode, 0);
  const offline = await tidewaiter([...login, '--offline'], options);
  assert.deepEqual([offline.exitCode, lastLine(offline.stderr)], [4, 'result: error: OFFLINE']);
  await registry.close();
  const gone = await tidewaiter([...login, '--cacert', 'ca.pem'], options);
  assert.equal(gone.exitCode, 4, gone.stderr);
});

test('without a terminal what is missing is named, not waited for', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['login'], /no user is given.*\n.*--username/],
    [['login', 'quay.io', '-u', 'bob'], /no password is given.*\n.*--password-stdin/],
    [['login', 'quay.io', '--password-stdin'], /--username/],
    [['login', 'quay.io', '-u', 'bob', '-p', password, '--password-stdin'], /leave one/],
    [['login', 'quay.io', '-u', `bob:${password}`, '-p', 'x'], /colon/],
    [['login', `https://bob:${password}@quay.io`, '-u', 'bob', '-p', 'x'], /user or a password/],
    [['login', 'quay.io/team', '-u', 'bob', '-p', 'x'], /whole registry/],
    [['login', 'quay', '-u', 'bob', '-p', 'x'], /no registry/],
    [['login', 'quay.io', '-u', 'bob', '-p', 'x', password], /the word after "quay\.io"/],
    [['logout', 'not a host'], /no registry/],
  ];
  for (const [words, says] of cases) {
    const { exitCode, stdout, stderr } = await tidewaiter(words, { env: { HOME: home }, stdin: bytes('pw') });
    assert.deepEqual([exitCode, stdout], [2, ''], `${words.join(' ')}\n${stderr}`);
    assert.match(stderr, says);
    assert.ok(!stderr.includes(password), stderr);
  }
  assert.equal(existsSync(join(home, '.docker')), false);
});

test('a file that cannot be used is left as it is', { skip }, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry({ auth: { kind: 'basic', users: { bob: password } } });
  t.after(() => registry.close());
  mkdirSync(join(home, '.docker'));
  const path = join(home, '.docker', 'config.json');
  writeFileSync(path, '{broken');
  const { exitCode, stderr } = await tidewaiter(['login', registry.host, '-u', 'bob', '--password-stdin', '--debug'], {
    env: { HOME: home },
    stdin: bytes(password),
  });
  assert.deepEqual([exitCode, lastLine(stderr)], [4, 'result: error: CREDENTIAL_NOT_STORED']);
  assert.ok(!stderr.includes(password));
  assert.equal(readFileSync(path, 'utf8'), '{broken');
});

const real = ['docker-registry', 'htpasswd', 'skopeo'].find((name) => findProgram(name) === undefined);

test('what login keeps, skopeo reads; with a real registry behind TLS', {
  skip: skip || (real === undefined ? false : `${real} is not here`),
}, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startDistribution(join(home, 'registry'), { bob: password });
  t.after(() => registry.close());
  writeFileSync(join(home, 'ca.crt'), registry.ca ?? '');
  const env = { HOME: home };
  const login = ['login', registry.host, '--cacert', join(home, 'ca.crt'), '-u', 'bob', '--password-stdin'];
  const wrong = await tidewaiter(login, { env, stdin: bytes('wrong') });
  assert.deepEqual([wrong.exitCode, lastLine(wrong.stderr)], [4, 'result: error: UNAUTHORIZED'], wrong.stderr);
  const right = await tidewaiter(login, { env, stdin: bytes(password) });
  assert.equal(right.exitCode, 0, right.stderr);
  const list = (): ReturnType<typeof spawnSync> =>
    spawnSync('skopeo', ['list-tags', '--cert-dir', home, `docker://${registry.host}/none`], {
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
      encoding: 'utf8',
      timeout: 30_000,
    });
  assert.match(String(list().stderr), /name unknown|repository name not known|404/i, 'known, but no such repository');
  const explained = await tidewaiter(
    ['auth', 'explain', '--cacert', join(home, 'ca.crt'), '--format', 'json', `${registry.host}/none`],
    { env },
  );
  assert.equal(explained.exitCode, 0, explained.stderr);
  assert.equal((await tidewaiter(['logout', registry.host], { env })).exitCode, 0);
  assert.match(String(list().stderr), /unauthorized|authentication required|401/i);
});

const noScript = findProgram('script') === undefined ? 'script is not here' : skip;

test('on a terminal user and password are asked for, and the password does not appear', {
  skip: noScript,
}, async (t) => {
  const home = temporaryFolder(t);
  const registry = await startRegistry({ auth: { kind: 'basic', users: { bob: password } } });
  t.after(() => registry.close());
  const line = `'${process.execPath}' '${program}' login ${registry.host}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const answers = [
    ['Username: ', 'bobx\u007f\r'],
    ['Password: ', `${password}\r`],
  ] as const;
  let screen = '';
  let asked = 0;
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8');
    const next = answers[asked];
    if (next === undefined || !screen.includes(next[0])) return;
    asked++;
    child.stdin.write(next[1]);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  assert.equal(exitCode, 0, screen);
  assert.ok(screen.includes('Login Succeeded'), screen);
  assert.ok(!screen.includes(password), screen);
  assert.deepEqual(stored(home), {
    auths: { [registry.host]: { auth: Buffer.from(`bob:${password}`).toString('base64') } },
  });
});
