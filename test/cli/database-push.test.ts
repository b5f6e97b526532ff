import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { alpineImage } from '../robustness/alpine-image.js';
import { type Ended, notBuilt, tidewaiter } from '../robustness/program.js';
import { packedDatabase, smallDatabase } from '../support/database-artifact.js';
import { dockerArchive } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { findProgram, startCraneRegistry } from '../support/real-registry.js';
import { type AuthOptions, type RegistryServer, startRegistry } from '../support/registry/index.js';
import { trivyScan } from '../support/trivy.js';

const skip = notBuilt;

interface Setting {
  readonly registry: RegistryServer;
  readonly folder: string;
  /** Holds `trivy.db` and `metadata.json`. */
  readonly built: string;
  readonly run: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
}

async function setUp(
  t: { after(run: () => void | Promise<void>): void },
  options: { readonly auth?: AuthOptions } = {},
): Promise<Setting> {
  const registry = await startRegistry(options);
  t.after(async () => await registry.close());
  const folder = temporaryFolder(t);
  await smallDatabase(folder);
  const run: Setting['run'] = async (words, env = {}) =>
    await tidewaiter([...words, '--cache-dir', join(folder, 'cache')], {
      cwd: folder,
      env: { HOME: join(folder, 'home'), ...env },
    });
  return { registry, folder, built: join(folder, 'out'), run };
}

interface PushedManifest {
  readonly artifactType: string;
  readonly config: { readonly mediaType: string; readonly size: number };
  readonly layers: readonly {
    readonly mediaType: string;
    readonly digest: string;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
  readonly annotations: Readonly<Record<string, string>>;
}

function manifestOf(registry: RegistryServer, repository: string, tag = '2'): PushedManifest {
  const manifest = registry.manifest(repository, tag);
  assert.equal(manifest?.mediaType, 'application/vnd.oci.image.manifest.v1+json');
  return JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as PushedManifest;
}

test('db push puts a database where db update finds it, the same bytes every time', { skip }, async (t) => {
  const { registry, folder, built, run } = await setUp(t);
  const pushed = await run(['db', 'push', join(built, 'trivy.db'), `${registry.host}/mirror/db`]);
  assert.equal(pushed.exitCode, 0, pushed.stderr);
  assert.match(pushed.stderr, /^result: the database of 2026-01-02 .* is in .*mirror\/db:2 \(sha256:/m);
  const manifest = manifestOf(registry, 'mirror/db');
  assert.equal(manifest.artifactType, 'application/vnd.aquasec.trivy.config.v1+json');
  assert.deepEqual([manifest.config.mediaType, manifest.config.size], ['application/vnd.oci.empty.v1+json', 2]);
  assert.equal(manifest.layers.length, 1);
  const [layer] = manifest.layers;
  assert.equal(layer?.mediaType, 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip');
  assert.deepEqual(layer.annotations, { 'org.opencontainers.image.title': 'db.tar.gz' });
  assert.equal(manifest.annotations['org.opencontainers.image.created'], '2026-01-02T03:04:05.000Z');
  const updated = await run(['db', 'update', '--db-repository', `${registry.host}/mirror/db`]);
  assert.equal(updated.exitCode, 0, updated.stderr);
  for (const words of [[built], ['--installed']]) {
    assert.equal((await run(['db', 'push', ...words, `${registry.host}/again`])).exitCode, 0);
    assert.equal(manifestOf(registry, 'again').layers[0]?.digest, layer.digest, words.join());
  }
  assert.deepEqual(
    readdirSync(join(folder, 'cache', 'db')).filter((name) => name.startsWith('.')),
    [],
  );
});

test('db push takes a packed archive as it is, and makes metadata where there is none', { skip }, async (t) => {
  const { registry, folder, built, run } = await setUp(t);
  const archive = join(folder, 'db.tar.gz');
  const bytes = packedDatabase(readFileSync(join(built, 'trivy.db')));
  writeFileSync(archive, bytes);
  assert.equal((await run(['db', 'push', archive, `${registry.host}/db:7`])).exitCode, 0);
  const digest = manifestOf(registry, 'db', '7').layers[0]?.digest ?? '';
  assert.deepEqual(Buffer.from(registry.blob('db', digest) ?? []), Buffer.from(bytes));
  rmSync(join(built, 'metadata.json'));
  assert.equal((await run(['db', 'push', built, `${registry.host}/db`])).exitCode, 0);
  const updated = await run(['db', 'update', '--db-repository', `${registry.host}/db`]);
  assert.match(updated.stderr, /^result: the database of 2026-01-02 /m, updated.stderr);
});

test('db push refuses what nobody could install, and wrong words', { skip }, async (t) => {
  const { registry, folder, built, run } = await setUp(t);
  const file = (name: string, bytes: Uint8Array | string): string => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'x'), bytes);
    return join(folder, name, 'x');
  };
  const database = readFileSync(join(built, 'trivy.db'));
  const good = join(built, 'trivy.db');
  const repository = `${registry.host}/db`;
  const future = packedDatabase(database, { version: 3 });
  const packed = packedDatabase(database);
  const cases: readonly (readonly [string, number, ...string[]])[] = [
    ['DATABASE_MISSING', 4, join(folder, 'nowhere'), repository],
    ['DATABASE_CORRUPT', 4, file('text', 'no database'.repeat(100)), repository],
    ['DATABASE_CORRUPT', 4, file('empty', ''), repository],
    ['DATABASE_CORRUPT', 4, file('cut', packed.subarray(0, packed.length / 2)), repository],
    ['DATABASE_SCHEMA', 4, file('future', future), repository],
    ['MISSING_ARGUMENT', 2, good],
    ['MISSING_ARGUMENT', 2, '--installed', repository],
    ['TOO_MANY_ARGUMENTS', 2, '--installed', good, repository],
    ['UPPER_CASE', 2, good, `${registry.host}/DB`],
    ['INVALID_VALUE', 2, good, `${repository}@sha256:${'0'.repeat(64)}`],
    ['CONFLICT', 2, '--offline', good, repository],
  ];
  for (const [code, exit, ...words] of cases) {
    const { exitCode, stderr } = await run(['db', 'push', ...words]);
    assert.equal(exitCode, exit, `${words.join(' ')}\n${stderr}`);
    assert.match(stderr, new RegExp(`^result: error: ${code}$`, 'm'), words.join(' '));
  }
  assert.equal(registry.accessLog.length, 0);
});

test('db push shows a password to the registry, and says what the registry refuses', { skip }, async (t) => {
  const auth: AuthOptions = { kind: 'bearer', users: { user: 'hunter2' } };
  const { registry, built, run } = await setUp(t, { auth });
  const words = ['db', 'push', built, `${registry.host}/db`];
  const refused = await run(words);
  assert.equal(refused.exitCode, 4);
  assert.match(refused.stderr, /^result: error: UNAUTHORIZED$/m);
  const login = { TIDEWAITER_USERNAME: 'user', TIDEWAITER_PASSWORD: 'hunter2' };
  const pushed = await run(words, login);
  assert.equal(pushed.exitCode, 0, pushed.stderr);
  assert.doesNotMatch(pushed.stderr, /hunter2/);
  assert.equal((await run(['db', 'update', '--db-repository', `${registry.host}/db`], login)).exitCode, 0);
});

const trivy = process.env['TRIVY'] ?? findProgram('trivy');
const withoutTrivy = notBuilt || (trivy && findProgram('registry') ? false : 'no trivy, or no registry, on the path');

test('a Trivy takes what db push put into a registry', { skip: withoutTrivy, timeout: 120_000 }, async (t) => {
  const { folder, built, run } = await setUp(t);
  const registry = await startCraneRegistry(join(folder, 'registry'));
  t.after(async () => await registry.close());
  const repository = `${registry.host}/mirror/db`;
  const pushed = await run(['db', 'push', built, repository]);
  assert.equal(pushed.exitCode, 0, pushed.stderr);
  const cache = join(folder, 'trivy');
  const archive = join(folder, 'alpine.tar');
  writeFileSync(archive, dockerArchive(alpineImage));
  const peer = (words: readonly string[]): string => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home') };
    const { status, stdout, stderr } = spawnSync(trivy ?? '', words, { encoding: 'utf8', env, cwd: folder });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const quiet = ['--quiet', '--disable-telemetry', '--skip-version-check'];
  peer(['image', '--download-db-only', '--db-repository', `${repository}:2`, '--cache-dir', cache, ...quiet]);
  assert.ok(existsSync(join(cache, 'db', 'trivy.db')));
  assert.match(peer(trivyScan(cache, archive)), /CVE-2099-0001/);
});
