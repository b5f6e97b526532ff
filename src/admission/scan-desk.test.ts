import assert from 'node:assert/strict';
import test from 'node:test';
import type { ScanFacts } from '../policy/index.js';
import type { Digest } from '../reference/index.js';
import { ScanDesk, type ScanDeskOptions } from './scan-desk.js';

const facts: ScanFacts = { findings: [], unknowns: [] };
const digest = (nth: number): Digest => `sha256:${String(nth).padStart(64, '0')}`;
const later = Number.MAX_SAFE_INTEGER;

function desk(options: Partial<ScanDeskOptions> = {}): ScanDesk {
  return new ScanDesk({
    resolve: () => Promise.resolve(digest(1)),
    scan: () => Promise.resolve(facts),
    edition: () => '1',
    clock: () => 0,
    scansAtOnce: 2,
    scansWaiting: 3,
    ...options,
  });
}

void test('one scan for all who ask, and again for another database', async () => {
  let scans = 0;
  let lookups = 0;
  let edition = '1';
  const one = desk({
    resolve: () => Promise.resolve((lookups++, digest(1))),
    scan: () => Promise.resolve((scans++, facts)),
    edition: () => edition,
  });
  const images = ['a.example/x:1', 'a.example/x:1', `a.example/x@${digest(1)}`, `b.example/y@${digest(1)}`];
  const found = await Promise.all(images.map((image) => one.findScan(image, later)));
  for (const each of found) assert.deepEqual(each, { state: 'scanned', facts: { ...facts, digest: digest(1) } });
  assert.deepEqual([scans, lookups], [1, 1]);
  edition = '2';
  await one.findScan('a.example/x:1', later);
  assert.deepEqual([scans, lookups], [2, 1]);
});

void test('so many at a time, so many wait, and the next is told', async () => {
  let running = 0;
  let most = 0;
  const gates: (() => void)[] = [];
  const one = desk({
    async scan() {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running--;
      return facts;
    },
  });
  const asked = [1, 2, 3, 4, 5, 6].map((nth) => one.findScan(`a.example/x@${digest(nth)}`, later));
  const last = await asked[5];
  assert.equal(last?.state === 'missing' && last.code, 'NOT_SCANNED');
  assert.deepEqual(one.busy, { running: 2, waiting: 3 });
  while (one.busy.running + one.busy.waiting > 0) {
    for (const gate of gates.splice(0)) gate();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const states = await Promise.all(asked.map(async (answer) => (await answer).state));
  assert.deepEqual(states, ['scanned', 'scanned', 'scanned', 'scanned', 'scanned', 'missing']);
  assert.equal(most, 2);
  assert.deepEqual(one.busy, { running: 0, waiting: 0 });
});

void test('what fails is told, and tried again after a while', async () => {
  let now = 0;
  let scans = 0;
  const one = desk({
    clock: () => now,
    scan() {
      scans++;
      throw new Error('the registry is down');
    },
  });
  const image = `a.example/x@${digest(1)}`;
  for (const _ of [1, 2]) {
    const found = await one.findScan(image, later);
    assert.equal(found.state === 'missing' && found.reason, 'the scan failed: the registry is down');
  }
  assert.equal(scans, 1);
  now = 20_000;
  await one.findScan(image, later);
  assert.equal(scans, 2);
  assert.equal((await one.findScan('NO NAME', later)).state, 'missing');
});

void test('who does not wait is told that it is under way', async () => {
  const one = desk({ resolve: () => new Promise(() => {}), scan: () => new Promise(() => {}) });
  assert.equal((await one.findScan('a.example/x:1', 0)).state, 'pending');
  assert.equal((await one.findScan(`a.example/x@${digest(1)}`, 0)).state, 'pending');
});

void test('facts are kept up to so many bytes: what was asked for longest ago goes first', async () => {
  const scanned: string[] = [];
  const findings = Array.from({ length: 100 }, (_, at) => ({
    vulnerabilityId: `CVE-2099-${at}`,
    packageName: 'openssl',
    installedVersion: '1',
    fixedVersion: '',
    severity: 'LOW' as const,
  }));
  const one = desk({
    keepBytes: 100_000,
    scan: ({ digest: of }) => Promise.resolve((scanned.push(of), { findings, unknowns: [] })),
  });
  const ask = async (nth: number): Promise<unknown> => await one.findScan(`a.example/x@${digest(nth)}`, later);
  for (const nth of [1, 2, 3, 1, 4, 5]) await ask(nth);
  assert.equal(scanned.length, 5);
  await ask(1);
  await ask(5);
  assert.equal(scanned.length, 5);
  await ask(2);
  assert.equal(scanned.length, 6);
  // One that is larger than all may be is used, and not kept.
  const small = desk({ keepBytes: 10, scan: () => Promise.resolve((scanned.push(''), { findings, unknowns: [] })) });
  for (const _ of [1, 2]) assert.equal((await small.findScan(`a.example/x@${digest(1)}`, later)).state, 'scanned');
  assert.equal(scanned.length, 8);
});

void test('failures can be forgotten, and nothing else is', async () => {
  let scans = 0;
  const one = desk({
    scan: ({ digest: of }) => (scans++, of === digest(1) ? Promise.reject(new Error('no')) : Promise.resolve(facts)),
  });
  const ask = async (nth: number): Promise<string> => (await one.findScan(`a.example/x@${digest(nth)}`, later)).state;
  assert.deepEqual([await ask(1), await ask(2), await ask(1), scans], ['missing', 'scanned', 'missing', 2]);
  one.forgetFailures();
  assert.deepEqual([await ask(1), await ask(2), scans], ['missing', 'scanned', 3]);
  one.forgetFailures();
  // Under way while they are forgotten.
  const slow = ask(1);
  one.forgetFailures();
  assert.deepEqual([await slow, scans], ['missing', 4]);
  assert.deepEqual([await ask(1), scans], ['missing', 5]);
});
