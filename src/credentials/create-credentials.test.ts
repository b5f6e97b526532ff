import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { createContext, type Context } from '../core/index.js';
import { parseReference } from '../reference/index.js';
import { createCredentials, CredentialError, type CredentialOptions } from './index.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hub = 'https://index.docker.io/v1/';

interface Home {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  write(name: string, content: unknown, mode?: number): string;
}

/** A home that nobody else uses; its runtime folder too, so that the machine's own files stay out. */
function makeHome(t: TestContext): Home {
  const path = mkdtempSync(join(tmpdir(), 'tidewaiter-credentials-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    environment: { HOME: path, XDG_RUNTIME_DIR: join(path, 'run'), PATH: `${join(path, 'bin')}:/usr/bin:/bin` },
    write(name, content, mode) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      if (mode !== undefined) chmodSync(file, mode);
      return file;
    },
  };
}

/** A helper program that knows some servers, and writes down what it was asked. */
function writeHelper(home: Home, name: string, body: string): void {
  home.write(
    `bin/docker-credential-${name}`,
    `#!/bin/sh\nread -r server\necho "$1 $server" >> "${home.path}/asked"\n${body}\n`,
    0o755,
  );
}
const answer = (username: string, secret: string): string =>
  `printf '{"ServerURL":"x","Username":"${username}","Secret":"${secret}"}'`;
const nothing = 'echo "credentials not found in native keychain"; exit 1';

function logging(): { readonly context: Context; readonly lines: string[] } {
  const lines: string[] = [];
  return { context: createContext({ log: (level, message) => void lines.push(`${level}: ${message}`) }), lines };
}

async function found(options: CredentialOptions, image: string, context = createContext()): Promise<readonly string[]> {
  const considered = await createCredentials(options).consider(context, parseReference(image));
  const texts: string[] = [];
  for (const candidate of considered) {
    assert.equal('load' in candidate, candidate.matches);
    const credential = await candidate.load?.(context);
    if (credential)
      texts.push(
        `${credential.username ?? ''}:${credential.password ?? credential.identityToken ?? credential.registryToken ?? ''}`,
      );
  }
  return texts;
}

const rejects = (code: string, work: () => Promise<unknown>): Promise<void> =>
  assert.rejects(
    work,
    (thrown) => thrown instanceof CredentialError && thrown.code === code && thrown.hint !== undefined,
  );

test('without anything there is nothing', async () => {
  assert.deepEqual(await createCredentials({}).consider(createContext(), parseReference('nginx')), []);
});

test('what is given outright comes first, in order', async (t) => {
  const home = makeHome(t);
  home.write('.docker/config.json', { auths: { 'reg.io': { auth: base64('docker:p') } } });
  const options = {
    logins: [
      { username: 'one', password: 'p' },
      { username: 'two', password: 'p' },
    ],
    registryToken: 'token',
    secrets: [{ name: 's', text: JSON.stringify({ auths: { 'reg.io': { auth: base64('secret:p') } } }) }],
    environment: {
      ...home.environment,
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'reg.io': { auth: base64('variable:p') } } }),
    },
  };
  assert.deepEqual(await found(options, 'reg.io/a'), [
    'one:p',
    'two:p',
    ':token',
    'secret:p',
    'variable:p',
    'docker:p',
  ]);
  assert.equal(createCredentials(options).anonymousAfterRefusal, false);
});

test('files in their order, each told by its origin', async (t) => {
  const home = makeHome(t);
  const entry = (name: string) => ({ auths: { 'reg.io': { auth: base64(`${name}:p`) } } });
  home.write('run/containers/auth.json', entry('runtime'));
  home.write('.config/containers/auth.json', entry('config'));
  home.write('.docker/config.json', entry('docker'));
  home.write('other/config.json', entry('other'));
  const named = home.write('named.json', entry('named'));
  const { environment } = home;
  assert.deepEqual(await found({ environment }, 'reg.io/a'), ['runtime:p', 'config:p', 'docker:p']);
  assert.deepEqual(await found({ environment: { ...environment, REGISTRY_AUTH_FILE: named } }, 'reg.io/a'), [
    'named:p',
    'docker:p',
  ]);
  assert.deepEqual(
    await found({ environment: { ...environment, DOCKER_CONFIG: join(home.path, 'other') } }, 'reg.io/a'),
    ['runtime:p', 'config:p', 'other:p'],
  );
  assert.deepEqual(
    await found({ environment: { ...environment, XDG_CONFIG_HOME: join(home.path, 'none') } }, 'reg.io/a'),
    ['runtime:p', 'docker:p'],
  );
  const [first] = await createCredentials({ environment }).consider(createContext(), parseReference('reg.io/a'));
  assert.ok(first?.origin.includes(join(home.path, 'run', 'containers', 'auth.json')));
  assert.equal(first?.username, 'runtime');
});

test("docker's rules: the registry, its older spellings, and Docker Hub by its own key", async (t) => {
  const home = makeHome(t);
  const { environment } = home;
  const auths = (keys: readonly string[]) =>
    home.write('.docker/config.json', {
      auths: Object.fromEntries(keys.map((key, index) => [key, { auth: base64(`${index}:p`) }])),
    });
  auths([hub, 'docker.io', 'index.docker.io']);
  assert.deepEqual(await found({ environment }, 'nginx'), ['0:p']);
  auths(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'https://index.docker.io/v1']);
  assert.deepEqual(await found({ environment }, 'nginx'), []);
  auths(['https://reg.io/v1/', 'http://reg.io', 'reg.io/team', 'reg.io:443', 'areg.io', 'REG.io']);
  assert.deepEqual(await found({ environment }, 'reg.io/a'), ['0:p', '1:p', '2:p']);
  auths(['https://reg.io/v1/', 'reg.io']);
  assert.deepEqual(await found({ environment }, 'reg.io/a'), ['1:p']);
  auths(['reg.io', 'reg.io/team/app']);
  assert.deepEqual(await found({ environment }, 'reg.io/team/app'), ['1:p', '0:p']);
  assert.deepEqual(await found({ environment }, 'reg.io/team/other'), ['0:p']);
  auths(['*.io', 'localhost:5000']);
  assert.deepEqual(await found({ environment }, 'reg.io/a'), []);
  assert.deepEqual(await found({ environment }, 'localhost:5000/a'), ['1:p']);
});

test("containers' rules: the most exact beginning of the name up to a slash", async (t) => {
  const home = makeHome(t);
  const { environment } = home;
  const auths = (keys: readonly string[]) =>
    home.write('run/containers/auth.json', {
      auths: Object.fromEntries(keys.map((key, index) => [key, { auth: base64(`${index}:p`) }])),
    });
  auths(['reg.io', 'reg.io/team', 'reg.io/team/app', 'reg.io/tea', 'reg.io/team/app/x']);
  assert.deepEqual(await found({ environment }, 'reg.io/team/app'), ['2:p']);
  assert.deepEqual(await found({ environment }, 'reg.io/team/other'), ['1:p']);
  assert.deepEqual(await found({ environment }, 'reg.io/teams'), ['0:p']);
  auths(['https://reg.io/v1/', hub]);
  assert.deepEqual(await found({ environment }, 'reg.io/a'), ['0:p']);
  assert.deepEqual(await found({ environment }, 'nginx'), ['1:p']);
  auths([hub, 'docker.io/library']);
  assert.deepEqual(await found({ environment }, 'nginx'), ['1:p']);
  auths(['index.docker.io']);
  assert.deepEqual(await found({ environment }, 'nginx'), ['0:p']);
});

test('every kind of entry', async (t) => {
  const home = makeHome(t);
  home.write('.docker/config.json', {
    auths: {
      'a.io': { username: 'u', password: 'p' },
      'b.io': { auth: base64('u:a:b') },
      'c.io': { auth: base64('u:'), identitytoken: 'refresh' },
      'd.io': { registrytoken: 'bearer' },
      'e.io': {},
      'f.io': null,
      'g.io': { auth: base64('u:p\0\0') },
      'h.io': { auth: '!' },
      'i.io': [],
    },
  });
  const { environment } = home;
  assert.deepEqual(await found({ environment }, 'a.io/x'), ['u:p']);
  assert.deepEqual(await found({ environment }, 'b.io/x'), ['u:a:b']);
  assert.deepEqual(await found({ environment }, 'c.io/x'), ['u:refresh']);
  assert.deepEqual(await found({ environment }, 'd.io/x'), [':bearer']);
  assert.deepEqual(await found({ environment }, 'g.io/x'), ['u:p']);
  for (const registry of ['e.io', 'f.io'])
    assert.deepEqual(await found({ environment }, `${registry}/x`), [], registry);
  for (const registry of ['h.io', 'i.io'])
    await rejects('CREDENTIAL_FILE_INVALID', () => found({ environment }, `${registry}/x`));
});

test("the registry's own helper goes before the general one, and both before the file", async (t) => {
  const home = makeHome(t);
  const { environment } = home;
  writeHelper(home, 'own', answer('own', 'p'));
  writeHelper(home, 'store', `case "$server" in ${hub}) ${answer('<token>', 'refresh')};; *) ${nothing};; esac`);
  home.write('.docker/config.json', {
    auths: { 'own.io': { auth: base64('file:p') }, 'file.io': { auth: base64('file:p') } },
    credHelpers: { 'own.io': 'own' },
    credsStore: 'store',
  });
  assert.deepEqual(await found({ environment }, 'own.io/a'), ['own:p', 'file:p']);
  assert.deepEqual(await found({ environment }, 'nginx'), [':refresh']);
  assert.deepEqual(await found({ environment }, 'file.io/a'), ['file:p']);
});

test('helpers are asked when a credential is loaded, not when it is considered', async (t) => {
  const home = makeHome(t);
  writeHelper(home, 'store', answer('u', 'p'));
  home.write('.docker/config.json', { credsStore: 'store' });
  const context = createContext();
  const [candidate] = await createCredentials({ environment: home.environment }).consider(
    context,
    parseReference('reg.io/a'),
  );
  assert.equal(candidate?.username, undefined);
  assert.equal(existsSync(join(home.path, 'asked')), false);
  assert.equal((await candidate?.load?.(context))?.password, 'p');
});

test('a missing or failing helper is an error where it is known to have the credential, else a warning', async (t) => {
  const home = makeHome(t);
  const { environment } = home;
  writeHelper(home, 'failing', 'echo "locked: hunter2" >&2; echo hunter2; exit 3');
  for (const [helper, code] of [
    ['missing', 'HELPER_MISSING'],
    ['failing', 'HELPER_FAILED'],
  ] as const) {
    home.write('.docker/config.json', {
      auths: { 'known.io': {} },
      credHelpers: { 'own.io': helper },
      credsStore: helper,
    });
    await rejects(code, () => found({ environment }, 'own.io/a'));
    await rejects(code, () => found({ environment }, 'known.io/a'));
    const { context, lines } = logging();
    assert.deepEqual(await found({ environment }, 'other.io/a', context), []);
    assert.equal(lines.filter((line) => line.startsWith('warn')).length, 1);
    assert.ok(!lines.join().includes('hunter2'));
  }
});

test('a helper that answers nonsense, too much, or under a strange name is refused', async (t) => {
  const home = makeHome(t);
  const { environment } = home;
  const ask = (helper: string) => {
    home.write('.docker/config.json', { credHelpers: { 'reg.io': helper } });
    return found({ environment }, 'reg.io/a');
  };
  for (const body of [
    'echo hunter2',
    'echo "[]"',
    `echo '{"Username":1,"Secret":"hunter2"}'`,
    'yes',
    'kill -9 $$',
    'exit 1',
  ]) {
    writeHelper(home, 'odd', body);
    await assert.rejects(
      () => ask('odd'),
      (thrown) =>
        thrown instanceof CredentialError && thrown.code === 'HELPER_FAILED' && !inspect(thrown).includes('hunter2'),
      body,
    );
  }
  writeHelper(home, 'odd', answer('', ''));
  assert.deepEqual(await ask('odd'), []);
  home.write('bin/evil', '#!/bin/sh\ntouch "$HOME/evil"\n', 0o755);
  for (const name of ['../evil', 'x; touch evil', '..', 'a/b', 'é', 'x'.repeat(200)])
    await rejects('HELPER_FAILED', () => ask(name));
  assert.equal(existsSync(join(home.path, 'evil')), false);
  // Not from the folder that we happen to be in.
  home.write('.docker/config.json', { credHelpers: { 'reg.io': 'odd' } });
  await rejects('HELPER_MISSING', () => found({ environment: { ...environment, PATH: '::bin:.' } }, 'reg.io/a'));
});

test('a helper that waits for ever ends when the work is given up, with what it started', async (t) => {
  const home = makeHome(t);
  const started = join(home.path, 'started');
  writeHelper(home, 'slow', `sleep 600 & echo $! >'${started}.new'; mv '${started}.new' '${started}'; sleep 600`);
  home.write('.docker/config.json', { credHelpers: { 'reg.io': 'slow' } });
  const controller = new AbortController();
  const context = createContext({ signal: controller.signal });
  const asking = found({ environment: home.environment }, 'reg.io/a', context);
  const timer = setInterval(() => existsSync(started) && controller.abort(new Error('given up')), 10);
  await assert.rejects(asking, /given up/);
  clearInterval(timer);
  const child = Number(readFileSync(started, 'utf8'));
  for (let looks = 0; looks < 500 && isRunning(child); looks++) await new Promise((go) => setTimeout(go, 10));
  assert.equal(isRunning(child), false);
});

/** A process that was killed may lie there unburied for a while. */
function isRunning(process: number): boolean {
  const state = execFileSync('sh', ['-c', `ps -o stat= -p ${process} || true`], { encoding: 'utf8' }).trim();
  return state !== '' && !state.startsWith('Z');
}

test('secrets are matched as the kubelet does it', async () => {
  const secret = (keys: Record<string, string>) =>
    JSON.stringify({
      kind: 'Secret',
      metadata: { name: 's', namespace: 'n' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: {
        '.dockerconfigjson': JSON.stringify({
          auths: Object.fromEntries(Object.entries(keys).map(([key, user]) => [key, { auth: base64(`${user}:p`) }])),
        }),
      },
    });
  const secrets = [
    { name: 'one.yaml', text: secret({ 'quay.io': 'host', '*.io': 'glob' }) },
    { name: 'two.yaml', text: secret({ 'quay.io/me': 'path', 'https://u:hunter2@quay.io': 'second' }) },
  ];
  assert.deepEqual(await found({ secrets }, 'quay.io/me/app'), ['path:p', 'host:p', 'second:p', 'glob:p']);
  assert.deepEqual(await found({ secrets }, 'nginx'), ['glob:p']);
  assert.deepEqual(await found({ secrets }, 'quay.io:443/me/app'), []);
  const considered = await createCredentials({ secrets }).consider(createContext(), parseReference('quay.io/me/app'));
  assert.ok(considered.some(({ origin }) => origin === 'secret n/s in two.yaml'));
  assert.ok(!inspect(considered).includes('hunter2'));
});

test('secrets that the kubelet would not use are an error', async () => {
  const manifest = (type: string, content: string) =>
    JSON.stringify({ kind: 'Secret', type, stringData: { '.dockerconfigjson': content } });
  const good = manifest('kubernetes.io/dockerconfigjson', '{"auths":{"reg.io":{"auth":"YTpi"}}}');
  const use = (...texts: string[]) =>
    found({ secrets: texts.map((text, index) => ({ name: `${index}.yaml`, text })) }, 'reg.io/a');
  await rejects('SECRET_UNUSABLE', () => use(manifest('Opaque', '{}')));
  await rejects('SECRET_UNUSABLE', () =>
    use(good, manifest('kubernetes.io/dockerconfigjson', '{"auths":{"x":{"auth":"!"}}}')),
  );
  await rejects('SECRET_UNUSABLE', () => use(good, 'kind: Pod'));
  await rejects('SECRET_UNUSABLE', () => use('a: [hunter2'));
  assert.deepEqual(await use(good, manifest('Opaque', '{}')), ['a:b']);
});

test('a broken file that lies there is a warning, one that was named an error', async (t) => {
  const home = makeHome(t);
  const hostile = [
    '{"auths":{"reg.io":{"auth":"hunter2"',
    'hunter2',
    '[]',
    '{"auths":[]}',
    '{"credsStore":1}',
    '['.repeat(100_000),
    `"${'x'.repeat(5 * 1024 * 1024)}"`,
  ];
  for (const text of hostile) {
    const named = home.write('.docker/config.json', text);
    const { context, lines } = logging();
    assert.deepEqual(await found({ environment: home.environment }, 'reg.io/a', context), []);
    assert.equal(lines.filter((line) => line.startsWith('warn')).length, 1, text.slice(0, 60));
    assert.ok(!lines.join().includes('hunter2'));
    const environment = { ...home.environment, REGISTRY_AUTH_FILE: named };
    await assert.rejects(
      () => found({ environment }, 'reg.io/a'),
      (thrown) =>
        thrown instanceof CredentialError &&
        thrown.code.startsWith('CREDENTIAL_FILE_') &&
        !inspect(thrown).includes('hunter2'),
    );
    const inline = { ...home.environment, HOME: join(home.path, 'none'), DOCKER_AUTH_CONFIG: text };
    assert.deepEqual(await found({ environment: inline }, 'reg.io/a'), []);
  }
  await rejects('CREDENTIAL_FILE_UNREADABLE', () =>
    found({ environment: { REGISTRY_AUTH_FILE: join(home.path, 'none') } }, 'a.io/b'),
  );
  await rejects('CREDENTIAL_FILE_UNREADABLE', () =>
    found({ environment: { REGISTRY_AUTH_FILE: home.path } }, 'a.io/b'),
  );
  const broken = home.write('broken.json', { auths: { 'reg.io': { auth: '!' } } });
  await rejects('CREDENTIAL_FILE_INVALID', () => found({ environment: { REGISTRY_AUTH_FILE: broken } }, 'reg.io/b'));
  assert.deepEqual(await found({ environment: { REGISTRY_AUTH_FILE: broken } }, 'other.io/b'), []);
});

test('keys that mean something to JavaScript are keys like others', async (t) => {
  const home = makeHome(t);
  home.write(
    '.docker/config.json',
    '{"__proto__":{"credsStore":"evil"},"auths":{"__proto__":{"auth":"YTpi"},"constructor":{},"reg.io":{"__proto__":{"auth":"YTpi"}}},"credHelpers":{"__proto__":"evil"}}',
  );
  assert.deepEqual(await found({ environment: home.environment }, 'reg.io/a'), []);
});

test('a file is read once, and a credential prints as a placeholder', async (t) => {
  const home = makeHome(t);
  const file = home.write('.docker/config.json', { auths: { 'reg.io': { auth: base64('u:hunter2') } } });
  const source = createCredentials({ environment: home.environment, logins: [{ username: 'u', password: 'hunter2' }] });
  const context = createContext();
  const first = await source.consider(context, parseReference('reg.io/a'));
  writeFileSync(file, '{}');
  const again = await source.consider(context, parseReference('reg.io/a'));
  assert.equal(again.length, first.length);
  for (const candidate of first) {
    const credential = await candidate.load?.(context);
    assert.equal(credential?.password, 'hunter2');
    assert.equal({ ...credential }.password, 'hunter2');
    assert.ok(
      !inspect({ deep: { credential } }).includes('hunter2') && !JSON.stringify({ credential }).includes('hunter2'),
    );
  }
  assert.ok(!inspect(first, { depth: 9 }).includes('hunter2'));
});

test('what a pod brings goes before all else, matched as the kubelet does it, and prints as nothing', async (t) => {
  const home = makeHome(t);
  home.write('.docker/config.json', { auths: { 'reg.io': { auth: base64('docker:p') } } });
  const login = (key: string, username: string) => ({
    key,
    username,
    password: 'hidden-1',
    origin: `secret shop/${username}`,
  });
  const options: CredentialOptions = {
    podLogins: [
      login('reg.io', 'host'),
      login('reg.io/team', 'team'),
      login('*.io', 'glob'),
      login('other.io', 'other'),
    ],
    logins: [{ username: 'given', password: 'p' }],
    environment: home.environment,
  };
  assert.deepEqual(await found(options, 'reg.io/team/app'), [
    'team:hidden-1',
    'host:hidden-1',
    'glob:hidden-1',
    'given:p',
    'docker:p',
  ]);
  assert.deepEqual(await found(options, 'reg.com/app'), ['given:p']);
  const considered = await createCredentials(options).consider(createContext(), parseReference('reg.io/team/app'));
  const loaded = await considered[0]?.load?.(createContext());
  assert.ok(loaded && !`${inspect(loaded)}${JSON.stringify([loaded, considered])}`.includes('hidden-1'));
  assert.equal(considered[0]?.origin, 'secret shop/team');
});
