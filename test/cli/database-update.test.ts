import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { importDatabase } from '../../src/advisories/import.js';
import { readUpdateRecord, writeUpdateRecord } from '../../src/advisories/update-record.js';
import { createContext } from '../../src/core/index.js';
import { alpineImage } from '../robustness/alpine-image.js';
import { type Ended, notBuilt, tidewaiter } from '../robustness/program.js';
import { addDatabase, type DatabaseLife, packedDatabase, smallDatabase } from '../support/database-artifact.js';
import { dockerArchive } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { type AuthOptions, type RegistryServer, startRegistry } from '../support/registry/index.js';

const skip = notBuilt;

interface Setting {
  readonly registry: RegistryServer;
  readonly folder: string;
  readonly cache: string;
  /** Puts a database of these dates under the repository's name. */
  readonly offer: (repository: string, life?: DatabaseLife) => string;
  readonly run: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly scan: (...words: readonly string[]) => Promise<Ended>;
}

async function setUp(
  t: { after(run: () => void | Promise<void>): void },
  options: { readonly auth?: AuthOptions } = {},
): Promise<Setting> {
  const registry = await startRegistry(options);
  t.after(async () => await registry.close());
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const archive = join(folder, 'alpine.tar');
  writeFileSync(archive, dockerArchive(alpineImage));
  const database = await smallDatabase(folder);
  const run: Setting['run'] = async (words, env = {}) =>
    await tidewaiter([...words, '--cache-dir', cache], {
      cwd: folder,
      env: { HOME: join(folder, 'home'), TIDEWAITER_SKIP_DB_UPDATE: 'false', ...env },
    });
  return {
    registry,
    folder,
    cache,
    offer: (repository, life = {}) => addDatabase(registry, { repository }, packedDatabase(database, life)),
    run,
    scan: async (...words) => await run(['image', '--input', archive, ...words]),
  };
}

const downloads = ({ accessLog }: RegistryServer): number =>
  accessLog.filter(({ path }) => path.includes('/blobs/')).length;

const due = { updatedAt: '2020-01-01T00:00:00Z', nextUpdate: '2020-01-02T00:00:00Z' };

test('db update installs what the repository has, and says so when it is current', { skip }, async (t) => {
  const { registry, cache, offer, run } = await setUp(t);
  offer('mirror/db');
  const first = await run(['db', 'update', '--db-repository', `${registry.host}/mirror/db`]);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(first.stderr, /^result: the database of 2026-08-21 \(.* old\) from .*mirror\/db:2 is installed/m);
  const again = await run(['db', 'update', '--db-repository', `${registry.host}/mirror/db`]);
  assert.match(again.stderr, /^result: .* is current/m);
  assert.equal(downloads(registry), 1);
  const info = await run(['db', 'info', '--format', 'json']);
  const told = JSON.parse(info.stdout) as { kind: string; origin: { source: string } };
  assert.deepEqual([told.kind, told.origin.source], ['installed', `${registry.host}/mirror/db:2`]);
  assert.equal((await run(['clean', '--vuln-db'])).exitCode, 0);
  assert.deepEqual(readdirSync(join(cache, 'db')), []);
});

test('db update: a failure leaves the old one in use, says how old it is, and exits with 4', { skip }, async (t) => {
  const { registry, offer, run, scan } = await setUp(t);
  const good = `${registry.host}/good`;
  const bad = `${registry.host}/bad`;
  const none = await run(['db', 'update', '--db-repository', bad]);
  assert.equal(none.exitCode, 4, none.stderr);
  assert.match(none.stderr, /bad:2.*No database is installed/);
  assert.match(none.stderr, /^result: error: UPDATE_FAILED$/m);
  offer('good', due);
  assert.equal((await run(['db', 'update', '--db-repository', good])).exitCode, 0);
  const failed = await run(['db', 'update', '--db-repository', `${bad},${registry.host}/worse`]);
  assert.equal(failed.exitCode, 4);
  assert.match(failed.stderr, /bad:2.*worse:2.*database of 2020-01-01 \(\d+ days old\) stays in use/);
  assert.match((await scan('--skip-db-update')).stdout, /CVE-2099-0001/);
  const both = await run(['db', 'update', '--db-repository', bad, '--db-repository', good]);
  assert.equal(both.exitCode, 0, both.stderr);
});

test('db update: wrong words are refused before anything is asked', { skip }, async (t) => {
  const { registry, offer, run } = await setUp(t);
  offer('db');
  const repository = `${registry.host}/db`;
  const cases: readonly (readonly [string, ...string[]])[] = [
    ['CONFLICT', 'db', 'update', '--offline', '--db-repository', repository],
    ['UPPER_CASE', 'db', 'update', '--db-repository', `${registry.host}/DB`],
    ['INVALID_ADDRESS', 'db', 'update', '--db-repository', 'https://user:secret@files.example.com/'],
    ['CONFLICT', 'image', '--download-db-only', '--skip-db-update', '--db-repository', repository],
    ['CONFLICT', 'image', '--download-db-only', '--offline', '--db-repository', repository],
    ['CONFLICT', 'image', '--download-db-only', '--db', 'x', '--db-repository', repository],
    ['TOO_MANY_ARGUMENTS', 'db', 'update', 'now', '--db-repository', repository],
    ['NO_IMAGE', 'image', '--db-repository', repository],
    ['INVALID_VALUE', 'image', '--input', 'x', '--format', 'nonsense', '--db-repository', repository],
    ['UPPER_CASE', 'image', '--input', 'x', '--db-repository', `${registry.host}/DB`],
  ];
  for (const [code, ...words] of cases) {
    const { exitCode, stderr } = await run(words);
    assert.equal(exitCode, 2, `${words.join(' ')}\n${stderr}`);
    assert.match(stderr, new RegExp(`^result: error: ${code}$`, 'm'));
    assert.doesNotMatch(stderr, /secret/);
  }
  assert.equal(registry.accessLog.length, 0);
});

test('a scan fetches the database when there is none, and again when one is due', { skip }, async (t) => {
  const { registry, offer, scan } = await setUp(t);
  const repository = ['--db-repository', `${registry.host}/db`];
  offer('db');
  const first = await scan(...repository);
  assert.match(first.stdout, /CVE-2099-0001/, first.stderr);
  assert.match((await scan(...repository)).stdout, /CVE-2099-0001/);
  assert.equal(registry.accessLog.length, 2, 'a manifest and a blob, once');
});

test('a scan asks again for a downloaded database that is past its time, and goes on when that fails', {
  skip,
}, async (t) => {
  const { registry, cache, offer, run, scan } = await setUp(t);
  const repository = ['--db-repository', `${registry.host}/db`];
  offer('db', due);
  await run(['db', 'update', ...repository]);
  const asked = registry.accessLog.length;
  await scan(...repository);
  assert.equal(registry.accessLog.length, asked, 'within an hour nobody is asked again');
  await backdate(cache);
  offer('db', { ...due, updatedAt: '2020-02-01T00:00:00Z' });
  await scan(...repository);
  assert.equal(downloads(registry), 2);
  await backdate(cache);
  registry.faults.add({ status: 503, times: 99 });
  const failed = await scan(...repository);
  assert.match(failed.stdout, /CVE-2099-0001/);
  assert.match(failed.stderr, /warning: .*503|warning: .*database of 2020-02-01 \(\d+ days old\) stays in use/);
  assert.notEqual(failed.exitCode, 4);
  let before = registry.accessLog.length;
  await scan(...repository);
  assert.notEqual(registry.accessLog.length, before, 'what failed at once is tried again');
  registry.faults.clear();
  registry.faults.add({ status: 429, times: 99 });
  assert.match((await scan(...repository)).stderr, /warning: .*429.*2020-02-01/);
  before = registry.accessLog.length;
  const quiet = await scan(...repository);
  assert.match(quiet.stderr, /warning: .*in the next 15 min.*2020-02-01/);
  assert.equal(registry.accessLog.length, before, 'a registry that asks for patience is not asked again so soon');
});

/** As if the installed database had been downloaded, and looked after, long ago. */
async function backdate(cache: string): Promise<void> {
  const origin = readUpdateRecord(cache).origins?.[0];
  assert.ok(origin);
  const file = join(cache, 'db', origin.id, 'trivy.db');
  const { id } = await importDatabase(createContext(), file, cache, { downloadedAt: new Date('2020-01-01T00:00:00Z') });
  writeUpdateRecord(cache, { origins: [{ ...origin, id }] });
}

test('a database that came from a file is only replaced when the command line says from where', { skip }, async (t) => {
  const { registry, folder, offer, run, scan } = await setUp(t);
  offer('db');
  const file = join(folder, 'own', 'trivy.db');
  mkdirSync(join(folder, 'own'));
  writeFileSync(file, await smallDatabase(join(folder, 'own', 'work')));
  const metadata = { Version: 2, UpdatedAt: due.updatedAt, NextUpdate: due.nextUpdate };
  writeFileSync(join(folder, 'own', 'metadata.json'), JSON.stringify(metadata));
  assert.equal((await run(['db', 'import', file])).exitCode, 0);
  const scanned = await scan();
  assert.match(scanned.stderr, /warning: .*2020-01-01.*came from a file.*2020-01-02/);
  assert.doesNotMatch(scanned.stderr, /mirror\.gcr\.io/);
  assert.equal(registry.accessLog.length, 0);
  await scan('--db-repository', `${registry.host}/db`);
  assert.equal(downloads(registry), 1);
});

test('no scan asks for a database that may not, need not or cannot be there', { skip }, async (t) => {
  const { registry, folder, offer, run, scan } = await setUp(t);
  offer('db');
  const repository = ['--db-repository', `${registry.host}/db`];
  assert.match((await scan('--skip-db-update', ...repository)).stderr, /starter database/);
  assert.match((await scan('--offline', ...repository)).stderr, /starter database/);
  assert.match((await scan('--db', join(folder, 'out'), ...repository)).stdout, /CVE-2099-0001/);
  assert.equal(registry.accessLog.length, 0);
  const without = await run(['image', '--input', join(folder, 'alpine.tar'), ...repository], { HOME: 'relative' });
  assert.notEqual(without.exitCode, 4);
});

test('image --download-db-only fetches what is due, and scans nothing', { skip }, async (t) => {
  const { registry, cache, offer, run } = await setUp(t);
  offer('db');
  offer('other', { updatedAt: '2026-08-23T00:00:00Z' });
  const only = async (name: string): Promise<Ended> =>
    await run(['image', '--download-db-only', '--no-progress', '--db-repository', `${registry.host}/${name}`]);
  const first = await only('db');
  assert.equal(first.exitCode, 0, first.stderr);
  assert.equal(first.stdout, '');
  const asked = registry.accessLog.length;
  assert.match((await only('db')).stderr, /is current/);
  assert.equal(registry.accessLog.length, asked);
  assert.match((await only('other')).stderr, /2026-08-23.*is installed/);
  assert.ok(existsSync(join(cache, 'db', 'current')));
  const failed = await only('absent');
  assert.equal(failed.exitCode, 4);
  assert.match(failed.stderr, /2026-08-23 .* stays in use/);
});

test('eight processes that start together make one download', { skip }, async (t) => {
  const { registry, offer, run } = await setUp(t);
  offer('db', { ballast: 300_000 });
  registry.faults.add({ path: '/blobs/', delayMs: 300 });
  const words = ['db', 'update', '--db-repository', `${registry.host}/db`];
  const ended = await Promise.all(Array.from({ length: 8 }, async () => await run(words)));
  for (const { exitCode, stderr } of ended) assert.equal(exitCode, 0, stderr);
  assert.equal(downloads(registry), 1);
});

test('passwords for the image go to its registry; db update shows them to named repositories only', {
  skip,
}, async (t) => {
  const auth: AuthOptions = { kind: 'basic', users: { user: 'hunter2' } };
  const { registry, folder, offer, run, scan } = await setUp(t, { auth });
  const stranger = await startRegistry();
  t.after(async () => await stranger.close());
  offer('db');
  const login = { TIDEWAITER_USERNAME: 'user', TIDEWAITER_PASSWORD: 'hunter2' };
  const words = ['image', 'stranger.invalid/app:1', '--image-src', 'remote', '--db-repository'];
  const foreign = await run([...words, `${stranger.host}/db`, '--debug'], login);
  assert.ok(stranger.accessLog.length > 0, foreign.stderr);
  assert.ok(stranger.accessLog.every(({ authorization }) => authorization === 'none'));
  const updated = await run(['db', 'update', '--db-repository', `${registry.host}/db`, '--debug'], login);
  assert.equal(updated.exitCode, 0, updated.stderr);
  for (const { stdout, stderr } of [foreign, updated])
    assert.doesNotMatch(stdout + stderr, /hunter2|aHVudGVyMg|dXNlcjpodW50ZXIy/);
  await run(['clean', '--vuln-db']);
  const refused = await scan('--db-repository', `${registry.host}/db`);
  assert.match(refused.stderr, /warning: .*UNAUTHORIZED|warning: .*401|warning: .*credential/i);
  const archive = ['image', '--input', join(folder, 'alpine.tar'), '--db-repository', `${registry.host}/db`];
  assert.match((await run(archive, login)).stdout, /CVE-2099-0001/, 'of a file no other registry is concerned');
});
