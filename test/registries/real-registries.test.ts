import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage, dockerArchive, type ImageSpec } from '../support/image-builder.js';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { findProgram, type RealRegistry, startCraneRegistry, startDistribution } from '../support/real-registry.js';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';

const user = 'captain';
const password = 'p:4ss w0rd&<é>';
const wrong = 'not-the-password-7f3a';

const absent = ['docker-registry', 'htpasswd', 'skopeo'].filter((name) => findProgram(name) === undefined);
const skipDistribution = notBuilt || (absent.length > 0 ? `not installed: ${absent.join(', ')}` : false);
const skipCrane = notBuilt || (findProgram('registry') && findProgram('skopeo') ? false : 'no registry, or no skopeo');

const base = [
  { path: 'etc/os-release', content: 'ID=alpine\nVERSION_ID=3.11.6\n' },
  { path: 'etc/alpine-release', content: '3.11.6\n' },
  {
    path: 'lib/apk/db/installed',
    content: 'P:musl\nV:1.1.24-r2\nA:x86_64\no:musl\nt:1584790550\n\n',
  },
];
const app: ImageSpec = {
  compression: 'gzip',
  layers: [base, [{ path: 'srv/one', content: 'one' }], [{ path: 'srv/two', content: 'two' }]],
};
const next: ImageSpec = {
  ...app,
  layers: [base, [{ path: 'srv/one', content: 'one' }], [{ path: 'srv/two', content: '2' }]],
};

interface Harbour {
  readonly registry: RealRegistry;
  readonly folder: string;
  /** Runs the program with an empty home of its own and the words that make it trust the registry. */
  readonly run: (words: readonly string[], options?: RunIn) => Promise<Ended>;
}

interface RunIn {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  readonly untrusting?: boolean;
}

async function harbour(t: { after(run: () => unknown): void }): Promise<Harbour> {
  const folder = temporaryFolder(t);
  const registry = await startDistribution(join(folder, 'registry'), { [user]: password });
  t.after(() => registry.close());
  const ca = join(folder, 'ca.crt');
  writeFileSync(ca, registry.ca ?? '');
  mkdirSync(join(folder, 'certs'));
  writeFileSync(join(folder, 'certs', 'ca.crt'), registry.ca ?? '');
  push(folder, registry, 'team/app:1', app, ['--dest-cert-dir', join(folder, 'certs')]);
  push(folder, registry, 'team/app:2', next, ['--dest-cert-dir', join(folder, 'certs')]);
  const run: Harbour['run'] = (words, { env, stdin, untrusting } = {}) =>
    tidewaiter([...words, ...(untrusting ? [] : ['--cacert', ca])], {
      env: { HOME: join(folder, 'home'), PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, ...env },
      ...(stdin ? { stdin } : {}),
    });
  return { registry, folder, run };
}

function push(folder: string, { host }: RealRegistry, name: string, spec: ImageSpec, how: readonly string[]): void {
  const archive = join(folder, 'image.tar');
  writeFileSync(archive, dockerArchive({ ...spec, compression: 'none', tags: ['pushed:1'] }));
  const words = ['copy', '--insecure-policy', '--quiet', '--dest-creds', `${user}:${password}`, ...how];
  const pushed = spawnSync('skopeo', [...words, `docker-archive:${archive}`, `docker://${host}/${name}`], {
    encoding: 'utf8',
    env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder },
  });
  assert.equal(pushed.status, 0, pushed.stderr);
}

/** `image` with no local source, no download of a database, JSON. */
const scan = (name: string, ...more: readonly string[]): readonly string[] => [
  'image',
  '--image-src',
  'remote',
  '--skip-db-update',
  '--format',
  'json',
  ...more,
  name,
];

function assertScanned(ended: Ended): void {
  assert.equal(ended.exitCode, 0, ended.stderr);
  const report = JSON.parse(ended.stdout) as { Results?: { Packages?: { Name: string }[] }[] };
  assert.equal(report.Results?.[0]?.Packages?.[0]?.Name, 'musl');
  assertSilent(ended);
}

function assertSilent({ stdout, stderr }: Ended): void {
  for (const secret of [password, wrong, Buffer.from(`${user}:${password}`).toString('base64')]) {
    assert.ok(!stdout.includes(secret) && !stderr.includes(secret), 'a secret was printed');
  }
}

const basic = (secret = password): string => Buffer.from(`${user}:${secret}`).toString('base64');
const dockerFile = (host: string, secret = password): string =>
  JSON.stringify({ auths: { [host]: { auth: basic(secret) } } });

test('a registry with TLS and users: every form of credentials', { skip: skipDistribution }, async (t) => {
  const { registry, folder, run } = await harbour(t);
  const { host } = registry;
  const name = `${host}/team/app:1`;
  const file = (path: string, text: string, mode = 0o600): string => {
    const full = join(folder, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, text, { mode });
    return full;
  };
  const secret = (type: string, key: string, document: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'regcred' },
      type,
      data: { [key]: Buffer.from(document).toString('base64') },
    });

  assertScanned(await run([...scan(name), '--username', user, '--password', password]));
  assertScanned(
    await run([...scan(name), '--username', user, '--password-stdin'], { stdin: Buffer.from(`${password}\n`) }),
  );
  assertScanned(await run(scan(name), { env: { TIDEWAITER_USERNAME: user, TIDEWAITER_PASSWORD: password } }));
  file('docker/config.json', dockerFile(host));
  assertScanned(await run(scan(name), { env: { DOCKER_CONFIG: join(folder, 'docker') } }));
  const auth = file('containers/auth.json', dockerFile(`${host}/team`));
  assertScanned(await run(scan(name), { env: { REGISTRY_AUTH_FILE: auth } }));
  assertScanned(await run(scan(name), { env: { DOCKER_AUTH_CONFIG: dockerFile(host) } }));
  file('helped/config.json', JSON.stringify({ credHelpers: { [host]: 'tests' } }));
  file(
    'bin/docker-credential-tests',
    `#!/bin/sh\nread server\n[ "$1" = get ] || exit 1\nprintf '%s' '${JSON.stringify({ ServerURL: host, Username: user, Secret: password })}'\n`,
  );
  chmodSync(join(folder, 'bin', 'docker-credential-tests'), 0o755);
  assertScanned(await run(scan(name), { env: { DOCKER_CONFIG: join(folder, 'helped') } }));
  const modern = file('modern.json', secret('kubernetes.io/dockerconfigjson', '.dockerconfigjson', dockerFile(host)));
  assertScanned(await run([...scan(name), '--registry-secret', modern]));
  const inner = JSON.stringify({ [`https://${host}`]: { username: user, password } });
  const legacy = file('legacy.json', secret('kubernetes.io/dockercfg', '.dockercfg', inner));
  assertScanned(await run([...scan(name), '--registry-secret', legacy]));

  const loggedIn = await run(['login', '--username', user, '--password-stdin', host], { stdin: Buffer.from(password) });
  assert.equal(loggedIn.exitCode, 0, loggedIn.stderr);
  assertSilent(loggedIn);
  assertScanned(await run(scan(name)));
  assert.equal((await run(['logout', host], { untrusting: true })).exitCode, 0);
  const out = await run(scan(name));
  assert.equal(out.exitCode, 4);
  assert.match(out.stderr, /result: error: UNAUTHORIZED/);

  const explained = await run(['auth', 'explain', name, '--registry-secret', modern, '--debug']);
  assert.equal(explained.exitCode, 0, explained.stderr);
  assertSilent(explained);
  const checked = await run(['secret', 'check', modern, name]);
  assert.equal(checked.exitCode, 0, checked.stderr);
  assertSilent(checked);
});

test('a registry with TLS and users: what it refuses, and what is not there', { skip: skipDistribution }, async (t) => {
  const { registry, folder, run } = await harbour(t);
  const { host } = registry;
  const login = ['--username', user, '--password', password];
  const refused = await run([...scan(`${host}/team/app:1`), '--username', user, '--password', wrong, '--debug']);
  assert.equal(refused.exitCode, 4);
  assert.match(refused.stderr, /result: error: UNAUTHORIZED/);
  assertSilent(refused);
  const noTag = await run([...scan(`${host}/team/app:9`), ...login]);
  assert.equal(noTag.exitCode, 4);
  assert.match(noTag.stderr, /result: error: MANIFEST_UNKNOWN/);
  const noRepository = await run([...scan(`${host}/team/nothing`), ...login]);
  assert.equal(noRepository.exitCode, 4);
  assert.match(noRepository.stderr, /result: error: (?:NAME_UNKNOWN|MANIFEST_UNKNOWN)/);
  const untrusted = await run([...scan(`${host}/team/app:1`), ...login], { untrusting: true });
  assert.equal(untrusted.exitCode, 4);
  assert.match(untrusted.stderr, /--cacert|--insecure/);
  assertScanned(await run([...scan(`${host}/team/app:1`), ...login, '--insecure'], { untrusting: true }));
  const elsewhere = join(folder, 'wrong.json');
  writeFileSync(
    elsewhere,
    JSON.stringify({
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(dockerFile(host, wrong)).toString('base64') },
    }),
  );
  const checked = await run(['secret', 'check', elsewhere, `${host}/team/app:1`]);
  assert.equal(checked.exitCode, 1, checked.stderr);
  assertSilent(checked);
});

test('of a second tag only the layer that differs is downloaded, of a known one none', {
  skip: skipDistribution,
}, async (t) => {
  const { registry, folder, run } = await harbour(t);
  const words = (tag: string): readonly string[] => [
    ...scan(`${registry.host}/team/app:${tag}`),
    '--username',
    user,
    '--password',
    password,
    '--cache-dir',
    join(folder, 'cache'),
  ];
  const downloads = async (tag: string): Promise<number> => {
    const before = registry.log().length;
    assertScanned(await run(words(tag)));
    return [
      ...registry
        .log()
        .slice(before)
        .matchAll(/"GET \/v2\/team\/app\/blobs\/sha256:[0-9a-f]{64} [^"]*" 200/g),
    ].length;
  };
  assert.equal(await downloads('1'), 4, 'the config and three layers');
  assert.equal(await downloads('1'), 1, 'the config');
  assert.equal(await downloads('2'), 2, 'the config and one layer');
  assert.equal(buildImage(app).layers.length, 3);
});

test("go-containerregistry's registry: plain HTTP on loopback, by tag and by digest", {
  skip: skipCrane,
}, async (t) => {
  const folder = temporaryFolder(t);
  const registry = await startCraneRegistry(folder);
  t.after(() => registry.close());
  push(folder, registry, 'app:1', app, ['--dest-tls-verify=false']);
  const run = (name: string): Promise<Ended> => tidewaiter(scan(name), { env: { HOME: join(folder, 'home') } });
  const scanned = await run(`${registry.host}/app:1`);
  assertScanned(scanned);
  const { Metadata } = JSON.parse(scanned.stdout) as { Metadata: { RepoDigests: string[] } };
  assertScanned(await run(Metadata.RepoDigests[0] ?? ''));
  const absentTag = await run(`${registry.host}/app:2`);
  assert.equal(absentTag.exitCode, 4);
  assert.match(absentTag.stderr, /result: error: (?:MANIFEST_UNKNOWN|NAME_UNKNOWN)/);
  assert.ok(existsSync(repoPath('dist')));
});
