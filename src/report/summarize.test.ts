import assert from 'node:assert/strict';
import test from 'node:test';
import { empty, full, hostile, shop } from './fixtures/reports.js';
import type { DatabaseInfo } from './scan-report.js';
import { databaseNotices, endOfLifeNotice, summarize } from './summarize.js';

const now = new Date('2031-08-25T12:00:00Z');
const resultLine = (report: Parameters<typeof summarize>[0], severities?: readonly ('HIGH' | 'CRITICAL')[]): string =>
  summarize(report, { now, severities }).resultLine;

test('summary: the last line names outcome and cause', () => {
  assert.equal(resultLine(shop), 'result: pass: 3 findings');
  assert.match(resultLine(full), /^result: fail: 5 findings; /);
  assert.match(resultLine(empty), /^result: incomplete: .*no packages.*no findings/);
  const [image] = shop.images;
  assert.ok(image);
  const clean = { ...shop, images: [{ ...image, results: [] }] };
  assert.equal(resultLine(clean), 'result: pass: no findings');
  assert.equal(resultLine(shop, ['HIGH', 'CRITICAL']), 'result: pass: 3 findings at or above HIGH');
});

test('summary: a pass in spite of unknowns says so', () => {
  const accepted = { ...empty, verdict: { outcome: 'pass', reasons: [] } } as const;
  assert.match(resultLine(accepted), /^result: pass: .*not assessed/);
});

test('summary: one line each, safe for a terminal, of bounded length', () => {
  const reasons = Array.from({ length: 8 }, (_, i) => `${i} ${'long '.repeat(500)}`);
  const words = summarize(
    { ...hostile, notices: ['\u001b[2Jx\ny'], verdict: { outcome: 'incomplete', reasons } },
    { now },
  );
  for (const line of [words.resultLine, ...words.notices, resultLine(hostile)]) {
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    assert.doesNotMatch(line, /[\0-\x1f\x7f-\x9f\u202e\u2028]/);
    assert.ok(line.length <= 600);
  }
});

test('summary: database, end of life and whatever the scan noticed come before', () => {
  const { notices } = summarize(full, { now });
  assert.match(notices[0] ?? '', /starter database.*2031-08-01.*3 of 4 packages/);
  assert.match(notices[1] ?? '', /db import/);
  assert.match(notices[2] ?? '', /debian 10\.3 is past its end of life since 2024-06-30/);
  assert.equal(notices[3], full.notices[0]);
  assert.deepEqual(summarize(shop, { now }).notices, []);
});

const noticesOf = (members: Partial<DatabaseInfo>): readonly string[] =>
  databaseNotices({ kind: 'installed', location: '/db', schemaVersion: 2, ...members }, [], now);

test('summary: age of a database', () => {
  assert.deepEqual(noticesOf({ updatedAt: '2031-08-25T00:00:00Z' }), ['database: /db, updated 2031-08-25 (today)']);
  assert.match(noticesOf({ updatedAt: '2031-08-24T00:00:00Z' })[0] ?? '', /1 day ago/);
  assert.equal(noticesOf({ updatedAt: '2031-08-20T00:00:00Z' }).length, 1);
  assert.match(noticesOf({ updatedAt: '2031-08-01T00:00:00Z' })[1] ?? '', /24 days old/);
  assert.equal(noticesOf({ updatedAt: '2031-08-01T00:00:00Z', nextUpdate: '2031-09-01T00:00:00Z' }).length, 1);
  assert.equal(noticesOf({ updatedAt: '2031-08-01T00:00:00Z', nextUpdate: '0001-01-01T00:00:00Z' }).length, 2);
  assert.match(noticesOf({})[0] ?? '', /age is not known/);
  assert.match(noticesOf({ updatedAt: 'yesterday' })[0] ?? '', /age is not known/);
});

test('summary: no end of life of a system whose packages nobody asked for', () => {
  const images = full.images.map((image) => ({
    ...image,
    results: image.results.filter((result) => result.class === 'lang-pkgs'),
  }));
  assert.doesNotMatch(summarize({ ...full, images }, { now }).notices.join(), /end of life/);
  assert.match(summarize(full, { now }).notices.join(), /end of life/);
});

test('summary: end of life', () => {
  assert.equal(endOfLifeNotice(undefined), undefined);
  assert.equal(endOfLifeNotice({ family: 'wolfi', name: '20230201', endOfLife: false }), undefined);
  assert.match(endOfLifeNotice({ family: 'alpine', name: '', endOfLife: true }) ?? '', /^alpine is past/);
});
