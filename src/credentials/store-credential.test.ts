import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { createContext } from '../core/index.js';
import { parseReference } from '../reference/index.js';
import { createCredentials, CredentialError, eraseCredential, storeCredential, type Credential } from './index.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const context = createContext();

interface Home {
  readonly path: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  write(name: string, content: string, mode?: number): string;
  read(): string;
  store(registry: string, credential: Credential): ReturnType<typeof storeCredential>;
  erase(registry: string): ReturnType<typeof eraseCredential>;
}

function makeHome(t: TestContext): Home {
  const path = mkdtempSync(join(tmpdir(), 'tidewaiter-store-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const file = join(path, '.docker', 'config.json');
  const environment = { HOME: path, XDG_RUNTIME_DIR: join(path, 'run'), PATH: `${join(path, 'bin')}:/usr/bin:/bin` };
  return {
    path,
    file,
    environment,
    write(name, content, mode) {
      const target = join(path, name);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
      if (mode !== undefined) chmodSync(target, mode);
      return target;
    },
    read: () => readFileSync(file, 'utf8'),
    store: (registry, credential) => storeCredential(context, { registry, credential, environment }),
    erase: (registry) => eraseCredential(context, { registry, environment }),
  };
}

async function passwordOf(home: Home, image: string): Promise<string | undefined> {
  const considered = await createCredentials({ environment: home.environment }).consider(
    context,
    parseReference(image),
  );
  for (const candidate of considered) {
    const credential = await candidate.load?.(context);
    if (credential) return credential.password ?? credential.identityToken;
  }
  return undefined;
}

const rejects = (code: string, work: () => Promise<unknown>): Promise<void> =>
  assert.rejects(
    work,
    (thrown) => thrown instanceof CredentialError && thrown.code === code && thrown.hint !== undefined,
  );

test('a first login makes folder and file as docker makes them, for their owner only', async (t) => {
  const home = makeHome(t);
  assert.deepEqual(await home.store('reg.io', { username: 'u', password: 'p' }), {
    where: home.file,
    unencrypted: true,
  });
  assert.equal(home.read(), `{\n\t"auths": {\n\t\t"reg.io": {\n\t\t\t"auth": "${base64('u:p')}"\n\t\t}\n\t}\n}`);
  assert.equal(statSync(home.file).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(home.file)).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(dirname(home.file)), ['config.json']);
  assert.equal(await passwordOf(home, 'reg.io/a'), 'p');
});

test('where no folder can be made, that is said', {
  skip: process.platform !== 'linux' && 'there is no /proc',
}, async () => {
  const credential = { username: 'u', password: 'p' };
  const environment = { DOCKER_CONFIG: '/proc/none/of/this' };
  await assert.rejects(storeCredential(createContext(), { registry: 'reg.io', credential, environment }), {
    code: 'CREDENTIAL_NOT_STORED',
  });
});

test('Docker Hub has its own key; tokens stand beside auth', async (t) => {
  const home = makeHome(t);
  await home.store('docker.io', { username: 'u', password: 'p' });
  await home.store('token.io', { username: 'u', identityToken: 'refresh' });
  await home.store('bare.io', { identityToken: 'refresh' });
  assert.deepEqual(JSON.parse(home.read()), {
    auths: {
      'https://index.docker.io/v1/': { auth: base64('u:p') },
      'token.io': { auth: base64('u:'), identitytoken: 'refresh' },
      'bare.io': { identitytoken: 'refresh' },
    },
  });
  assert.equal(await passwordOf(home, 'nginx'), 'p');
  assert.equal(await passwordOf(home, 'token.io/a'), 'refresh');
});

test('what is not ours stays as it was, the look of the file too', async (t) => {
  const home = makeHome(t);
  const before = {
    HttpHeaders: { 'User-Agent': 'x' },
    auths: { 'a.io': { auth: 'YTpi', email: 'e' }, __proto__x: {} },
    psFormat: 'table',
    plugins: { x: { y: [1, 2.5, null, true] } },
  };
  home.write('.docker/config.json', `${JSON.stringify(before, null, 4)}\n`, 0o644);
  await home.store('b.io', { username: 'u', password: 'p' });
  const after = home.read();
  assert.equal(
    after,
    `${JSON.stringify({ ...before, auths: { ...before.auths, 'b.io': { auth: base64('u:p') } } }, null, 4)}\n`,
  );
  assert.equal(statSync(home.file).mode & 0o777, 0o600);
  assert.equal((await home.erase('b.io')).erased, true);
  assert.equal(home.read(), `${JSON.stringify(before, null, 4)}\n`);
});

test('a new login takes the place of the old one', async (t) => {
  const home = makeHome(t);
  await home.store('reg.io', { username: 'u', identityToken: 'old' });
  await home.store('reg.io', { username: 'u', password: 'new' });
  assert.deepEqual(JSON.parse(home.read()), { auths: { 'reg.io': { auth: base64('u:new') } } });
});

test('logging out takes away every spelling of the registry, and nothing else', async (t) => {
  const home = makeHome(t);
  const auths = ['reg.io', 'https://reg.io', 'http://reg.io/v1/', 'reg.io:5000', 'xreg.io'];
  home.write(
    '.docker/config.json',
    JSON.stringify({ auths: Object.fromEntries(auths.map((key) => [key, { auth: 'YTpi' }])) }),
  );
  assert.deepEqual(await home.erase('reg.io'), { erased: true, where: home.file });
  assert.deepEqual(Object.keys(JSON.parse(home.read()).auths), ['reg.io:5000', 'xreg.io']);
  assert.equal(await passwordOf(home, 'reg.io/a'), undefined);
  assert.equal((await home.erase('reg.io')).erased, false);
});

test('logging out where nothing is makes nothing', async (t) => {
  const home = makeHome(t);
  assert.equal((await home.erase('reg.io')).erased, false);
  assert.deepEqual(readdirSync(home.path), []);
});

test('the file that is a link stays one', async (t) => {
  const home = makeHome(t);
  const target = home.write('elsewhere/real.json', '{}');
  mkdirSync(dirname(home.file));
  symlinkSync('../elsewhere/real.json', home.file);
  await home.store('reg.io', { username: 'u', password: 'p' });
  assert.ok(lstatSync(home.file).isSymbolicLink());
  assert.match(readFileSync(target, 'utf8'), /reg\.io/);
  rmSync(target);
  await home.store('reg.io', { username: 'u', password: 'p' });
  assert.ok(lstatSync(home.file).isSymbolicLink());
  assert.match(readFileSync(target, 'utf8'), /reg\.io/);
});

test('many logins at once lose none', async (t) => {
  const home = makeHome(t);
  const names = Array.from({ length: 20 }, (_, index) => `r${index}.io`);
  await Promise.all(names.map((name) => home.store(name, { username: 'u', password: name })));
  assert.deepEqual(Object.keys(JSON.parse(home.read()).auths).sort(), [...names].sort());
  await Promise.all(names.slice(1).map((name) => home.erase(name)));
  assert.deepEqual(Object.keys(JSON.parse(home.read()).auths), ['r0.io']);
  assert.deepEqual(readdirSync(dirname(home.file)), ['config.json']);
});

test("a lock that a dead process left behind is in nobody's way", async (t) => {
  const home = makeHome(t);
  const lock = home.write('.docker/config.json.tidewaiter-lock', '');
  utimesSync(lock, 1, 1);
  await home.store('reg.io', { username: 'u', password: 'p' });
  assert.equal(existsSync(lock), false);
});

test('a file that cannot be understood is left alone', async (t) => {
  const home = makeHome(t);
  for (const text of ['{"auths":', '[]', '{"auths":[]}', '{"credsStore":{}}']) {
    home.write('.docker/config.json', text);
    await rejects('CREDENTIAL_NOT_STORED', () => home.store('reg.io', { username: 'u', password: 'p' }));
    await rejects('CREDENTIAL_NOT_STORED', () => home.erase('reg.io'));
    assert.equal(home.read(), text);
    assert.deepEqual(readdirSync(dirname(home.file)), ['config.json']);
  }
  rmSync(home.file);
  mkdirSync(home.file);
  await rejects('CREDENTIAL_NOT_STORED', () => home.store('reg.io', { username: 'u', password: 'p' }));
  await rejects('CREDENTIAL_NOT_STORED', () =>
    storeCredential(context, { registry: 'a.io', credential: {}, environment: {} }),
  );
});

test('a user name that the file would cut at its colon is refused', async (t) => {
  const home = makeHome(t);
  await rejects('CREDENTIAL_NOT_STORED', () => home.store('reg.io', { username: 'a:b', password: 'p' }));
});

test('where to: DOCKER_CONFIG, REGISTRY_AUTH_FILE, a file', async (t) => {
  const home = makeHome(t);
  const credential = { username: 'u', password: 'p' };
  const folder = join(home.path, 'other');
  await storeCredential(context, { registry: 'docker.io', credential, environment: { DOCKER_CONFIG: folder } });
  assert.ok(existsSync(join(folder, 'config.json')));
  const containers = join(home.path, 'deep', 'auth.json');
  const environment = { ...home.environment, REGISTRY_AUTH_FILE: containers };
  await storeCredential(context, { registry: 'docker.io', credential, environment });
  assert.deepEqual(JSON.parse(readFileSync(containers, 'utf8')), { auths: { 'docker.io': { auth: base64('u:p') } } });
  assert.equal((await eraseCredential(context, { registry: 'docker.io', environment })).erased, true);
  const file = join(home.path, 'file.json');
  await storeCredential(context, { registry: 'docker.io', credential, environment, file });
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
    auths: { 'https://index.docker.io/v1/': { auth: base64('u:p') } },
  });
});

/** Keeps what it is given in files beside itself. */
const keeper = `#!/usr/bin/env node
const fs = require('node:fs');
const path = require('node:path');
const input = fs.readFileSync(0, 'utf8').trim();
const place = (server) => path.join(__dirname, encodeURIComponent(server));
const none = () => { console.log('credentials not found in native keychain'); process.exit(1); };
if (process.argv[2] === 'store') fs.writeFileSync(place(JSON.parse(input).ServerURL), input);
else if (!fs.existsSync(place(input))) none();
else if (process.argv[2] === 'get') console.log(fs.readFileSync(place(input), 'utf8'));
else fs.rmSync(place(input));
`;

test('with a helper nothing secret lands in the file', async (t) => {
  const home = makeHome(t);
  const environment = { ...home.environment, PATH: `${home.environment['PATH'] ?? ''}:${dirname(process.execPath)}` };
  home.write('bin/docker-credential-keeper', keeper, 0o755);
  home.write(
    '.docker/config.json',
    JSON.stringify({
      auths: { 'reg.io': { auth: base64('old:p') } },
      credsStore: 'keeper',
      credHelpers: { 'none.io': 'missing' },
    }),
  );
  const store = (registry: string, credential: Credential) =>
    storeCredential(context, { registry, credential, environment });
  const erase = (registry: string) => eraseCredential(context, { registry, environment });
  const { where, unencrypted } = await store('reg.io', { username: 'u:v', password: 'p' });
  assert.match(where, /docker-credential-keeper/);
  assert.equal(unencrypted, false);
  await store('docker.io', { username: 'u', identityToken: 'refresh' });
  assert.deepEqual(JSON.parse(home.read()).auths, { 'reg.io': {}, 'https://index.docker.io/v1/': {} });
  assert.equal(await passwordOf({ ...home, environment }, 'reg.io/a'), 'p');
  assert.equal(await passwordOf({ ...home, environment }, 'nginx'), 'refresh');
  assert.equal((await erase('reg.io')).erased, true);
  assert.deepEqual(JSON.parse(home.read()).auths, { 'https://index.docker.io/v1/': {} });
  assert.equal((await erase('reg.io')).erased, false);
  await rejects('HELPER_MISSING', () => store('none.io', { username: 'u', password: 'p' }));
  home.write('bin/docker-credential-keeper', '#!/bin/sh\necho no; exit 1\n', 0o755);
  await rejects('HELPER_FAILED', () => store('reg.io', { username: 'u', password: 'p' }));
});
