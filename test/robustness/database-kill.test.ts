import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openInstalledDatabase, readUpdateState } from '../../src/advisories/index.js';
import { addDatabase, packedDatabase, smallDatabase } from '../support/database-artifact.js';
import { temporaryFolder } from '../support/paths.js';
import { type RegistryServer, startRegistry } from '../support/registry/index.js';
import { notBuilt, tidewaiter } from './program.js';

const skip = notBuilt || (process.platform === 'win32' ? 'no signals here' : false);
const kills = 20;

/** What opens in the cache folder, by the date that it says of itself; every byte of its first pages is checked. */
function installedDate(cache: string): string | undefined {
  const database = openInstalledDatabase(cache);
  try {
    return database?.info().updatedAt;
  } finally {
    database?.close();
  }
}

test('db update killed at twenty moments leaves the database usable, and the next one ends', { skip }, async (t) => {
  const registry = await startRegistry();
  t.after(async () => await registry.close());
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const database = await smallDatabase(folder);
  const words = ['db', 'update', '--quiet', '--cache-dir', cache, '--db-repository', `${registry.host}/db`];
  const env = { HOME: join(folder, 'home') };
  const offer = (version: number): string => {
    const updatedAt = `2026-01-${String(version).padStart(2, '0')}T00:00:00Z`;
    // Other bytes for every version, so that each has to be downloaded.
    addDatabase(
      registry,
      { repository: 'db' },
      packedDatabase(database, { updatedAt, ballast: 1_000_000 + version * 64 }),
    );
    return updatedAt;
  };
  slowly(registry);
  let usable = offer(1);
  const started = Date.now();
  assert.equal((await tidewaiter(words, { env })).exitCode, 0);
  const wholeMs = Date.now() - started;
  for (let version = 2; version <= kills + 1; version++) {
    const offered = offer(version);
    // Spread over the run, most of them where it loads, writes and installs.
    const killAfterMs = Math.round(wholeMs * (0.15 + (0.95 * (version - 2 + Math.random())) / kills));
    await tidewaiter(words, { env, killAfterMs });
    const found = installedDate(cache);
    assert.ok(found === usable || found === offered, `killed after ${killAfterMs} of ${wholeMs} ms: ${found}`);
    // Otherwise it would be taken for one that the user installed, and stay for ever.
    assert.notEqual(readUpdateState(cache, new Date()).origin, undefined);
    usable = found;
  }
  const last = offer(kills + 2);
  const ended = await tidewaiter(words, { env });
  assert.equal(ended.exitCode, 0, ended.stderr);
  assert.equal(installedDate(cache), last);
  assert.deepEqual(
    readdirSync(join(cache, 'db')).filter((name) => name.startsWith('download-')),
    [],
  );
});

test('db update killed in the middle of a download goes on where it was', { skip }, async (t) => {
  const registry = await startRegistry();
  t.after(async () => await registry.close());
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const packed = packedDatabase(await smallDatabase(folder), { ballast: 500_000 });
  const hex = addDatabase(registry, { repository: 'db' }, packed).slice('sha256:'.length);
  const words = ['db', 'update', '--cache-dir', cache, '--db-repository', `${registry.host}/db`];
  registry.faults.add({ path: '/blobs/', stallAfterBytes: 200_000 });
  const partial = join(cache, 'db', `download-${hex}`);
  const killed = tidewaiter(words, { killAfterMs: 2500 });
  await killed;
  assert.ok(existsSync(partial));
  const ended = await tidewaiter(words);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const download = registry.accessLog.findLast(({ path }) => path.includes('/blobs/'));
  assert.ok((download?.rangeStart ?? 0) > 0, 'it asked for the rest');
  assert.equal(installedDate(cache)?.slice(0, 10), '2026-08-21');
});

/** Answers take a little, so that a kill meets the download as often as the rest. */
function slowly(registry: RegistryServer): void {
  registry.faults.add({ path: '/blobs/', delayMs: 60, times: 1000 });
}
