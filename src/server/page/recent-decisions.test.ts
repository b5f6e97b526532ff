import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readDecisionQuery, type DecisionQuery } from './decision-query.js';
import { RecentDecisions } from './recent-decisions.js';

const record = (more: object = {}): object => ({
  time: '2026-11-24T12:00:00.000Z',
  msg: 'decision',
  route: 'admissionReview',
  allowed: false,
  outcome: 'deny',
  namespace: 'shop',
  name: 'web-1',
  images: [{ image: 'nginx' }],
  imageCount: 1,
  denied: [{ rule: 'trusted', message: 'it is not from an allowed registry', image: 'nginx' }],
  durationMs: 1.5,
  ...more,
});

function query(text: string): DecisionQuery {
  const read = readDecisionQuery(new URLSearchParams(text));
  assert.ok('query' in read, text);
  return read.query;
}

const namesFound = (recent: RecentDecisions, text: string): readonly (string | undefined)[] | undefined =>
  recent.find(query(text))?.decisions.map(({ name }) => name);

test('the newest come first, and cursors go on where a list ended, whatever is added meanwhile', () => {
  const recent = new RecentDecisions();
  for (let at = 1; at <= 7; at++) recent.add(record({ name: `web-${at}` }));
  const first = recent.find(query('limit=3'));
  assert.deepEqual(
    first?.decisions.map(({ name }) => name),
    ['web-7', 'web-6', 'web-5'],
  );
  recent.add(record({ name: 'web-8' }));
  assert.deepEqual(namesFound(recent, `limit=3&before=${first?.next}`), ['web-4', 'web-3', 'web-2']);
  assert.deepEqual(namesFound(recent, `after=${first?.decisions[0]?.id}`), ['web-8']);
  assert.equal(recent.find(query('limit=8'))?.next, undefined);
  assert.deepEqual(namesFound(recent, `after=${recent.newest}`), []);
});

test('a cursor of another run, or of what never was, is none', () => {
  const recent = new RecentDecisions();
  recent.add(record());
  assert.equal(recent.find(query('before=00000000-1')), undefined);
  assert.equal(recent.find(query(`after=${recent.newest?.replace(/1$/, '2')}`)), undefined);
  assert.equal(recent.record('00000000-1'), undefined);
  assert.equal(recent.record('nonsense'), undefined);
});

test('filters', () => {
  const recent = new RecentDecisions();
  recent.add(record({ name: 'a', outcome: 'allow', allowed: true, denied: undefined }));
  recent.add(record({ name: 'b', namespace: 'billing', images: [{ image: 'Quay.io/x', digest: 'sha256:abc' }] }));
  recent.add(record({ name: 'c', route: 'imageReview', outcome: 'incomplete', user: 'system:admin' }));
  for (const [text, names] of [
    ['', ['c', 'b', 'a']],
    ['outcome=deny,allow', ['b', 'a']],
    ['allowed=true', ['a']],
    ['allowed=false', ['c', 'b']],
    ['route=imageReview', ['c']],
    ['namespace=billing', ['b']],
    ['namespace=bill', []],
    ['q=quay.io', ['b']],
    ['q=SHA256:ABC', ['b']],
    ['q=allowed+registry', ['c', 'b']],
    ['q=admin+nginx', ['c']],
    ['q=admin+quay', []],
    ['q=decision', []],
    ['namespace=shop&outcome=deny', []],
  ] as const) {
    assert.deepEqual(namesFound(recent, text), names, text);
  }
});

test('wrong parameters are told', () => {
  for (const text of [
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1e2',
    'outcome=denied',
    'outcome=deny,',
    'allowed=yes',
    'route=validate',
    'before=abc',
    'after=abc',
    'before=00000000-1&after=00000000-1',
    `q=${'x'.repeat(201)}`,
    `q=${'x '.repeat(11)}`,
    `namespace=${'x'.repeat(254)}`,
    'limit=5&limit=5',
    'nonsense=1',
  ]) {
    assert.ok('problem' in readDecisionQuery(new URLSearchParams(text)), text);
  }
});

test('a thousand are kept, and eight mebibytes of them', () => {
  const recent = new RecentDecisions();
  for (let at = 1; at <= 1100; at++) recent.add(record({ name: `web-${at}` }));
  assert.deepEqual([recent.size, recent.total], [1000, 1100]);
  const run = recent.newest?.split('-')[0];
  assert.equal(recent.record(`${run}-100`), undefined);
  assert.match(recent.record(`${run}-101`) ?? '', /"web-101"/);
  assert.match(recent.record(`${run}-1100`) ?? '', /"web-1100"/);
  for (let at = 0; at < 100; at++) recent.add(record({ name: 'x', because: 'y'.repeat(300_000) }));
  assert.ok(recent.bytes <= 8 * 1024 * 1024, `${recent.bytes}`);
  assert.ok(recent.size > 5);
});

test('a record that is too large for the page stays, without its lists, and says so', () => {
  const recent = new RecentDecisions();
  recent.add(record({ images: [{ image: 'z'.repeat(700_000) }] }));
  const text = recent.record(recent.newest ?? '') ?? '';
  assert.ok(text.length < 10_000);
  assert.match(text, /"outcome":"deny".*"shortened"/);
});

test('whatever a record holds, it is kept, listed and counted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.object({ key: fc.constantFrom('outcome', 'route', 'images', 'denied', 'name', 'x') })),
      (all) => {
        const recent = new RecentDecisions();
        for (const one of all) recent.add(one);
        assert.equal(recent.find(query('limit=200'))?.decisions.length, all.length);
        assert.equal(
          recent.counts.reduce((sum, { count }) => sum + count, 0),
          all.length,
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('texts in lists are short', () => {
  const recent = new RecentDecisions();
  const images = Array.from({ length: 40 }, () => ({ image: 'i'.repeat(1000) }));
  recent.add(record({ name: 'n'.repeat(5000), images, imageCount: 60, because: 'x'.repeat(5000) }));
  const [listed] = recent.find(query(''))?.decisions ?? [];
  assert.equal(listed?.imageCount, 60);
  assert.ok(JSON.stringify(listed).length < 3000);
});
