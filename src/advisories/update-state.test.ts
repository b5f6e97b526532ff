import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../../test/support/paths.js';
import { readUpdateRecord, type UpdateRecord, withOrigin, writeUpdateRecord } from './update-record.js';
import { readUpdateState } from './update-state.js';

const id = 'a'.repeat(64);
const now = new Date('2026-08-25T12:00:00Z');

/** A cache folder in which a database with this `metadata.json` seems to be installed. */
function cacheWith(t: Parameters<typeof temporaryFolder>[0], metadata: object | string | undefined): string {
  const cache = temporaryFolder(t);
  mkdirSync(join(cache, 'db', id), { recursive: true });
  writeFileSync(join(cache, 'db', 'current'), `${id}\n`);
  writeFileSync(join(cache, 'db', id, 'trivy.db'), 'something');
  if (metadata !== undefined) {
    const text = typeof metadata === 'string' ? metadata : JSON.stringify(metadata);
    writeFileSync(join(cache, 'db', id, 'metadata.json'), text);
  }
  return cache;
}

const metadata = (times: { next?: string; downloaded?: string; version?: number }): object => ({
  Version: times.version ?? 2,
  NextUpdate: times.next ?? '2026-08-25T06:00:00Z',
  UpdatedAt: '2026-08-24T06:00:00.279066241Z',
  DownloadedAt: times.downloaded ?? '2026-08-25T10:00:00.123456789Z',
});

test('update state: when a newer database is due', (t) => {
  const freshness = (content: object | string | undefined): string =>
    readUpdateState(cacheWith(t, content), now).freshness;
  assert.equal(readUpdateState(temporaryFolder(t), now).freshness, 'absent');
  assert.equal(readUpdateState(join(temporaryFolder(t), 'not', 'there'), now).freshness, 'absent');
  assert.equal(freshness(undefined), 'unproven');
  assert.equal(freshness('{'), 'absent', 'damage is mended by a download');
  assert.equal(freshness(metadata({ downloaded: '0001-01-01T00:00:00Z' })), 'unproven');
  assert.equal(freshness(metadata({ next: '2026-08-26T06:00:00Z' })), 'current');
  assert.equal(freshness(metadata({})), 'outdated');
  assert.equal(freshness(metadata({ downloaded: '2026-08-25T11:30:00Z' })), 'current', 'an hour of grace');
  assert.equal(freshness(metadata({ next: '0001-01-01T00:00:00Z' })), 'outdated');
  assert.equal(freshness(metadata({ version: 1, next: '2100-01-01T00:00:00Z' })), 'other-schema');
  assert.equal(freshness(metadata({ version: 3 })), 'current', 'opening it says that it cannot be read');
});

test('update state: a pointer that is damaged counts as nothing', (t) => {
  const cache = cacheWith(t, metadata({}));
  writeFileSync(join(cache, 'db', 'current'), 'nonsense');
  assert.equal(readUpdateState(cache, now).freshness, 'absent');
});

test('update state: a database whose file is gone or empty counts as nothing', (t) => {
  const cache = cacheWith(t, metadata({ next: '2100-01-01T00:00:00Z' }));
  assert.equal(readUpdateState(cache, now).freshness, 'current');
  writeFileSync(join(cache, 'db', id, 'trivy.db'), '');
  assert.equal(readUpdateState(cache, now).freshness, 'absent');
  rmSync(join(cache, 'db', id, 'trivy.db'));
  assert.equal(readUpdateState(cache, now).freshness, 'absent');
});

test('update state: looking for a newer one and finding none counts for an hour', (t) => {
  const cache = cacheWith(t, metadata({}));
  const origin = { id, source: 'registry.example.com/db:2', at: '2026-08-25T10:00:00Z' };
  const attempt = (at: string, failure?: string): object => ({ at, sources: ['registry.example.com/db:2'], failure });
  const write = (record: object): void => writeFileSync(join(cache, 'db', 'update.json'), JSON.stringify(record));
  write({ origins: [origin], attempt: attempt('2026-08-25T11:30:00Z') });
  assert.equal(readUpdateState(cache, now).freshness, 'current');
  write({ origins: [origin], attempt: attempt('2026-08-25T11:30:00Z', 'no connection') });
  assert.equal(readUpdateState(cache, now).freshness, 'outdated');
  write({ origins: [origin], attempt: attempt('2026-08-25T10:30:00Z') });
  assert.equal(readUpdateState(cache, now).freshness, 'outdated');
  assert.equal(readUpdateState(cache, now).origin?.source, 'registry.example.com/db:2');
  write({ origins: [{ ...origin, id: 'b'.repeat(64) }], attempt: attempt('2026-08-25T11:30:00Z') });
  assert.equal(readUpdateState(cache, now).origin, undefined, 'another database, which the user installed');
});

test('update record: written and read, and nothing where it is damaged', (t) => {
  const cache = temporaryFolder(t);
  assert.deepEqual(readUpdateRecord(cache), {});
  const origin = { id, source: 's', manifestDigest: 'sha256:1', layerDigest: 'sha256:2', at: '2026-08-25T10:00:00Z' };
  const attempt = { at: '2026-08-25T10:00:00Z', sources: ['s'], failure: 'x'.repeat(10_000), automatic: true };
  writeUpdateRecord(cache, { origins: [origin], attempt, partial: { source: 's', validator: '"1"' } });
  const read = readUpdateRecord(cache);
  assert.deepEqual(read.origins, [{ ...origin, validator: undefined }]);
  assert.equal(read.attempt?.failure?.length, 2000);
  assert.deepEqual(read.partial, { source: 's', validator: '"1"' });
  for (const text of ['', '[]', '{"origins":[{"id":1}]}', '{"attempt":{"at":"x","sources":[1]}}', '['.repeat(5000)]) {
    writeFileSync(join(cache, 'db', 'update.json'), text);
    assert.equal(readUpdateRecord(cache).origins?.length ?? 0, 0);
    assert.equal(readUpdateRecord(cache).attempt, undefined);
  }
});

test('update record: however many downloads were killed before their end, the one in use is not forgotten', () => {
  const of = (name: string): { id: string; source: string; at: string } => ({ id: name, source: 's', at: '' });
  let record: UpdateRecord = withOrigin({}, of('used'), undefined);
  for (const name of ['one', 'two', 'three', 'four']) record = withOrigin(record, of(name), 'used');
  assert.deepEqual(
    record.origins?.map((origin) => origin.id),
    ['four', 'used'],
  );
  assert.deepEqual(withOrigin(record, of('used'), 'used').origins, [of('used')]);
});
