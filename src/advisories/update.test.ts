import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  addDatabase,
  type ArtifactChanges,
  packedDatabase,
  smallDatabase,
} from '../../test/support/database-artifact.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { type RegistryServer, startRegistry } from '../../test/support/registry/index.js';
import { openAccess } from '../access/index.js';
import { createContext, type LogLevel } from '../core/index.js';
import { AdvisoryError } from './errors.js';
import { findInstalledDatabase } from './installed.js';
import { openInstalledDatabase } from './database.js';
import { updateDatabase, type UpdatedDatabase, type UpdateOptions } from './update.js';
import { readUpdateRecord, writeUpdateRecord } from './update-record.js';
import { parseDatabaseSource } from './update-source.js';

type Test = { after(run: () => void | Promise<void>): void };

interface Setting {
  readonly registry: RegistryServer;
  readonly cache: string;
  readonly packed: Uint8Array;
  readonly log: string[];
  /** Adds a database under the repository's name. */
  readonly add: (repository: string, packed?: Uint8Array, changes?: ArtifactChanges) => string;
  readonly update: (repositories: readonly string[], options?: Partial<UpdateOptions>) => Promise<UpdatedDatabase>;
  /** How many times a blob was asked for. */
  readonly downloads: () => number;
}

async function setUp(t: Test): Promise<Setting> {
  const registry = await startRegistry();
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const access = openAccess({ impatient: true });
  t.after(async () => {
    await access.close();
    await registry.close();
  });
  const packed = packedDatabase(await smallDatabase(folder), { ballast: 100_000 });
  const log: string[] = [];
  const ctx = createContext({ log: (level: LogLevel, line: string) => log.push(`${level}: ${line}`) });
  return {
    registry,
    cache,
    packed,
    log,
    add: (repository, bytes = packed, changes = {}) => addDatabase(registry, { repository }, bytes, changes),
    update: async (repositories, options = {}) =>
      await updateDatabase(ctx, {
        cacheDir: cache,
        sources: repositories.map((name) => parseDatabaseSource(`${registry.host}/${name}`)),
        connections: access,
        ...options,
      }),
    downloads: () => registry.accessLog.filter(({ path }) => path.includes('/blobs/')).length,
  };
}

function isUsable(cache: string): boolean {
  const database = openInstalledDatabase(cache);
  database?.close();
  return database !== undefined;
}

const partials = (cache: string): readonly string[] =>
  readdirSync(join(cache, 'db')).filter((name) => name.startsWith('download-'));

test('update: a database from a registry, and nothing when it is the same', async (t) => {
  const { registry, cache, add, update, downloads } = await setUp(t);
  const layer = add('db');
  const updated = await update(['db']);
  assert.equal(updated.outcome, 'installed');
  assert.equal(updated.source, `${registry.host}/db:2`);
  assert.ok(isUsable(cache));
  assert.deepEqual(partials(cache), []);
  const { origins, attempt } = readUpdateRecord(cache);
  const [origin] = origins ?? [];
  assert.equal(origin?.layerDigest, layer);
  assert.equal(origin?.id, updated.installed.id);
  assert.deepEqual([attempt?.failure, attempt?.sources], [undefined, [`${registry.host}/db:2`]]);
  const metadata = JSON.parse(readFileSync(join(updated.installed.path, 'metadata.json'), 'utf8')) as object;
  assert.ok(Math.abs(Date.parse((metadata as { DownloadedAt: string }).DownloadedAt) - Date.now()) < 600_000);
  assert.equal((await update(['db'])).outcome, 'current');
  assert.equal(downloads(), 1);
  assert.deepEqual(readdirSync(join(cache, 'db')).sort(), [updated.installed.id, 'current', 'update.json'].sort());
});

test('update: files that are gone are fetched again, also when nobody asked', async (t) => {
  const { cache, add, update } = await setUp(t);
  add('db');
  for (const name of ['metadata.json', 'blocks', 'trivy.db']) {
    const { installed } = await update(['db'], { automatic: true });
    assert.equal((await update(['db'], { automatic: true })).outcome, 'current');
    rmSync(join(installed.path, name));
    assert.equal((await update(['db'], { automatic: true })).outcome, 'installed', name);
    assert.ok(isUsable(cache));
  }
});

test('update: by digest, and from an index', async (t) => {
  const { registry, cache, add, update } = await setUp(t);
  add('db');
  const manifest = registry.manifest('db', '2');
  assert.ok(manifest);
  const digest = registry.addManifest('db', undefined, manifest.bytes, manifest.mediaType);
  assert.equal((await update([`db@${digest}`])).outcome, 'installed');
  const type = 'application/vnd.oci.image.index.v1+json';
  const entry = { mediaType: manifest.mediaType, digest, size: manifest.bytes.length };
  const attestation = {
    ...entry,
    digest: `sha256:${'0'.repeat(64)}`,
    platform: { os: 'unknown', architecture: 'unknown' },
  };
  const index = { schemaVersion: 2, mediaType: type, manifests: [attestation, entry] };
  registry.addManifest('db', 'index', new TextEncoder().encode(JSON.stringify(index)), type);
  assert.equal((await update(['db:index'])).outcome, 'current', 'the same layer');
  registry.addManifest('db', 'none', new TextEncoder().encode(JSON.stringify({ ...index, manifests: [] })), type);
  await assert.rejects(update(['db:none']), /names no manifest/);
  assert.ok(isUsable(cache));
});

test('update: what is no database of this schema is refused, with the reason', async (t) => {
  const { cache, add, packed, update } = await setUp(t);
  add('two-layers', packed, { layers: 2 });
  add('no-layer', packed, { layers: 0 });
  add('image', packed, { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' });
  add('untitled', packed, { title: undefined });
  add('escaping', packed, { title: '../db.tar.gz' });
  add('absolute', packed, { title: '/db.tar.gz' });
  add('drive', packed, { title: 'C:\\db.tar.gz' });
  add('nameless', packed, { title: '' });
  add('empty', new Uint8Array());
  add('text', new TextEncoder().encode('this is no archive'));
  add('half', packed.subarray(0, packed.length / 2));
  add('other-tar', gzipSync(Buffer.alloc(1024)));
  add('future', packedDatabase(await smallDatabase(temporaryFolder(t)), { version: 3 }));
  add('past', packedDatabase(await smallDatabase(temporaryFolder(t)), { version: 1 }));
  add('no-bolt', packedDatabase(new TextEncoder().encode('x'.repeat(9000))));
  const reasons: Readonly<Record<string, RegExp>> = {
    'two-layers': /single layer.*has 2/,
    'no-layer': /single layer.*has 0/,
    image: /media type/,
    untitled: /annotation/,
    escaping: /leads out/,
    absolute: /leads out/,
    drive: /leads out/,
    nameless: /leads out/,
    empty: /empty/,
    text: /no database/,
    half: /no database/,
    'other-tar': /does not hold/,
    future: /schema version 3.*reads version 2/,
    past: /schema version 1/,
    'no-bolt': /no database/,
    'not-there': /not-there/,
  };
  for (const [repository, reason] of Object.entries(reasons)) {
    await assert.rejects(update([repository]), (thrown) => {
      assert.ok(thrown instanceof AdvisoryError, repository);
      assert.equal(thrown.code, 'UPDATE_FAILED', repository);
      assert.match(thrown.message, reason);
      assert.match(thrown.message, /No database is installed/);
      return true;
    });
  }
  assert.equal(findInstalledDatabase(cache), undefined);
  assert.deepEqual(partials(cache), []);
});

test('update: the next repository is tried after any failure, and what failed is said', async (t) => {
  const { registry, add, log, update } = await setUp(t);
  add('wrong', new TextEncoder().encode('no archive'));
  add('good');
  registry.faults.add({ path: '/busy/', status: 429, headers: { 'retry-after': '600' }, times: 9 });
  registry.faults.add({ path: '/broken/', status: 500, times: 9 });
  registry.faults.add({ path: '/closed/', status: 401, times: 9 });
  const places = ['busy', 'broken', 'closed', 'wrong', 'absent', 'good'];
  const updated = await update(places);
  assert.equal(updated.source, `${registry.host}/good:2`);
  assert.equal(log.filter((line) => line.includes('the next place is tried')).length, 5);
  await assert.rejects(update(['busy', 'absent']), (thrown) => {
    assert.ok(thrown instanceof AdvisoryError);
    for (const part of [/busy/, /absent/, /database of 2026-08-21 .* stays in use/]) assert.match(thrown.message, part);
    return true;
  });
});

test('update: what a broken connection left is used by the next attempt, of another repository too', async (t) => {
  const { registry, cache, packed, add, update } = await setUp(t);
  add('one');
  add('two');
  registry.faults.add({ path: /one\/blobs/, cutAfterBytes: 30_000, times: 1 });
  registry.faults.add({ path: /one\/blobs/, status: 404, times: 99 });
  assert.equal((await update(['one', 'two'])).source, `${registry.host}/two:2`);
  const last = registry.accessLog.findLast(({ path }) => path.includes('two/blobs'));
  assert.ok((last?.rangeStart ?? 0) > 0, 'it goes on where the first broke off');
  assert.ok((last?.bytesSent ?? 0) < packed.length);
  assert.ok(isUsable(cache));
});

test('update: a wrong start from an earlier process is found out and dropped', async (t) => {
  const { registry, cache, packed, add, update, log } = await setUp(t);
  const hex = add('db').slice('sha256:'.length);
  mkdirSync(join(cache, 'db'), { recursive: true });
  for (const left of [5000, packed.length, packed.length + 1].map((length) => Buffer.alloc(length, 7))) {
    writeUpdateRecord(cache, {});
    writeFileSync(join(cache, 'db', `download-${hex}`), left);
    assert.equal((await update(['db'])).outcome, 'installed');
    assert.ok(isUsable(cache));
  }
  assert.equal(log.filter((line) => /begins again/.test(line)).length, 2);
  // Whole and right, it is not asked for again.
  writeUpdateRecord(cache, {});
  writeFileSync(join(cache, 'db', `download-${hex}`), packed);
  const before = registry.accessLog.filter(({ path }) => path.includes('/blobs/')).length;
  assert.equal((await update(['db'])).outcome, 'installed');
  assert.equal(registry.accessLog.filter(({ path }) => path.includes('/blobs/')).length, before);
});

test('update: bytes that are not what their digest says are never installed', async (t) => {
  const { registry, cache, add, update } = await setUp(t);
  add('db');
  await update(['db']);
  const before = findInstalledDatabase(cache)?.id;
  add('evil', packedDatabase(await smallDatabase(temporaryFolder(t)), { ballast: 5000 }));
  registry.faults.add({ path: /evil\/blobs/, flipBitAt: 2000, times: 9 });
  await assert.rejects(update(['evil']), { code: 'UPDATE_FAILED' });
  registry.faults.clear();
  registry.faults.add({ path: /evil\/blobs/, bodyBytes: 2000, times: 99 });
  await assert.rejects(update(['evil']), { code: 'UPDATE_FAILED' });
  registry.faults.clear();
  registry.faults.add({ path: /evil\/blobs/, endless: true, times: 99 });
  await assert.rejects(update(['evil']), { code: 'UPDATE_FAILED' });
  assert.equal(findInstalledDatabase(cache)?.id, before);
  registry.faults.clear();
  assert.equal((await update(['evil'])).outcome, 'installed');
  assert.ok(isUsable(cache));
});

test('update: many at once make one download', async (t) => {
  const { add, update, downloads } = await setUp(t);
  add('db');
  const all = await Promise.all(Array.from({ length: 8 }, () => update(['db'])));
  assert.equal(all.filter(({ outcome }) => outcome === 'installed').length, 1);
  assert.equal(all.filter(({ outcome }) => outcome === 'elsewhere').length, 7);
  assert.equal(downloads(), 1);
});

test('update: a folder that cannot be written to ends it at once', async (t) => {
  const { cache, add, update, registry } = await setUp(t);
  add('db');
  mkdirSync(cache);
  writeFileSync(join(cache, 'db'), 'a file where the folder should be');
  await assert.rejects(update(['db', 'other']), { code: 'DATABASE_UNWRITABLE' });
  assert.equal(registry.accessLog.length, 0);
  assert.ok(existsSync(join(cache, 'db')));
});

test('update: offline opens no connection', async (t) => {
  const { add, update, registry } = await setUp(t);
  add('db');
  await assert.rejects(update(['db'], { connections: openAccess({ offline: true }) }), { code: 'UPDATE_FAILED' });
  assert.equal(registry.accessLog.length, 0);
});
