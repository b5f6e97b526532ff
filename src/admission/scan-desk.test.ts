import assert from 'node:assert/strict';
import test from 'node:test';
import { TidewaiterError } from '../core/index.js';
import type { ScanFacts, ScanKnowledge } from '../policy/index.js';
import type { Digest } from '../reference/index.js';
import type { PullScope } from './pull-scope.js';
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
  const images = ['a.example/x:1', 'a.example/x:1', `a.example/x@${digest(1)}`];
  const found = await Promise.all(images.map((image) => one.findScan(image, later)));
  found.push(await one.findScan(`b.example/y@${digest(1)}`, later));
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
  let gate: Promise<void> | undefined;
  const one = desk({
    async scan({ digest: of }) {
      scans++;
      await gate;
      if (of === digest(1)) throw new Error('no');
      return facts;
    },
  });
  const ask = async (nth: number): Promise<string> => (await one.findScan(`a.example/x@${digest(nth)}`, later)).state;
  assert.deepEqual([await ask(1), await ask(2), await ask(1), scans], ['missing', 'scanned', 'missing', 2]);
  one.forgetFailures();
  assert.deepEqual([await ask(1), await ask(2), scans], ['missing', 'scanned', 3]);
  one.forgetFailures();
  // Under way while they are forgotten.
  let open = (): void => {};
  gate = new Promise((resolve) => (open = resolve));
  const slow = ask(1);
  await new Promise((resolve) => setImmediate(resolve));
  one.forgetFailures();
  open();
  assert.deepEqual([await slow, scans], ['missing', 4]);
  assert.deepEqual([await ask(1), scans], ['missing', 5]);
});

const scope = (namespace: string): PullScope => ({ namespace, secrets: ['regcred'] });

/** Whoever shows `key` gets the image. */
function privateDesk(
  key: string,
  keys: Readonly<Record<string, string>>,
): { readonly one: ScanDesk; readonly done: string[] } {
  const done: string[] = [];
  const check = (step: string, shown: string): void => {
    done.push(`${step} ${shown}`);
    if (shown !== key) throw new Error('401');
  };
  const one = desk({
    async resolve(_, credentials) {
      check('resolve', credentials.key);
      return digest(1);
    },
    async scan(_, credentials) {
      check('scan', credentials.key);
      return facts;
    },
    async credentials(_, { namespace }) {
      const shown = keys[namespace];
      if (shown === undefined) throw new Error('the kubelet would pull nothing');
      return { key: shown, logins: [], problems: [`the secret ${namespace}/regcred may not be read`] };
    },
  });
  return { one, done };
}

void test('what a tag means, and a failure, are of those alone who show the same credentials', async () => {
  const { one, done } = privateDesk('right', { shop: 'right', copy: 'right', other: 'wrong', none: '' });
  const ask = async (namespace: string, image = 'a.example/x:1'): Promise<ScanKnowledge> =>
    await one.findScan(image, later, { pull: scope(namespace) });
  const refused = await Promise.all([ask('other'), ask('none'), ask('other')]);
  for (const each of refused) {
    assert.equal(each.state === 'missing' && each.code, 'SCAN_FAILED');
    assert.match(each.state === 'missing' ? (each.reason ?? '') : '', /401; the secret \w+\/regcred may not be read$/);
  }
  assert.deepEqual(done.splice(0), ['resolve wrong', 'resolve ']);
  const given = await Promise.all(Array.from({ length: 100 }, (_, at) => ask(at % 2 === 0 ? 'shop' : 'copy')));
  for (const each of given) assert.equal(each.state, 'scanned');
  assert.deepEqual(done.splice(0), ['resolve right', 'scan right']);
  // The tag is still a secret; what was found by digest is not.
  assert.equal((await ask('other')).state, 'missing');
  assert.equal((await ask('other', `a.example/x@${digest(1)}`)).state, 'scanned');
  assert.equal((await one.findScan(`a.example/x@${digest(1)}`, later)).state, 'scanned');
  assert.deepEqual(done, []);
});

void test('one who may not scan a digest hinders nobody who may, of whatever repository', async () => {
  const { one, done } = privateDesk('right', { shop: 'right', other: 'wrong' });
  const pinned = `a.example/x@${digest(1)}`;
  const [refused, given] = await Promise.all([
    one.findScan(pinned, later, { pull: scope('other') }),
    one.findScan(pinned, later, { pull: scope('shop') }),
  ]);
  assert.deepEqual([refused.state, given.state], ['missing', 'scanned']);
  assert.deepEqual(done, ['scan wrong', 'scan right']);
});

void test('pull secrets with which the kubelet pulls nothing are told, and late ones are waited for no longer', async () => {
  const { one, done } = privateDesk('', {});
  const broken = await one.findScan('a.example/x:1', later, { pull: scope('shop') });
  assert.match(broken.state === 'missing' ? (broken.reason ?? '') : '', /the kubelet would pull nothing/);
  assert.deepEqual(done, []);
  const hung = desk({ credentials: () => new Promise(() => {}) });
  assert.equal((await hung.findScan('a.example/x:1', 0, { pull: scope('shop') })).state, 'pending');
  assert.equal((await hung.findScan('a.example/x:1', later)).state, 'scanned');
});

void test('what is wrong with pull secrets is told where other credentials could have helped, and briefly', async () => {
  class Unreachable extends TidewaiterError<'REGISTRY_UNREACHABLE'> {}
  const problems = Array.from({ length: 50 }, (_, at) => `there is no secret shop/${'long'.repeat(60)}-${at}`);
  const reasonWith = async (why: Error): Promise<string> => {
    const one = desk({
      resolve: () => Promise.reject(why),
      credentials: () => Promise.resolve({ key: '', logins: [], problems }),
    });
    const found = await one.findScan('a.example/x:1', later, { pull: scope('shop') });
    return found.state === 'missing' ? found.reason : '';
  };
  const told = await reasonWith(new Error('401 '.repeat(100)));
  assert.match(told, /there is no secret shop.*and 47 more/);
  assert.ok(told.length < 800, String(told.length));
  const apart = await reasonWith(new Unreachable('REGISTRY_UNREACHABLE', 'nobody is there'));
  assert.equal(apart, 'its tag cannot be looked up: nobody is there');
});

void test('what is kept is recalled beside scans that stand still, and once for all', async () => {
  let recalls = 0;
  let scans = 0;
  let edition = '1';
  const one = desk({
    scansAtOnce: 1,
    scansWaiting: 0,
    edition: () => edition,
    scan: () => (scans++, new Promise(() => {})),
    recall: ({ digest: of }) => Promise.resolve((recalls++, of === digest(1) ? facts : undefined)),
  });
  const stuck = one.findScan(`a.example/x@${digest(2)}`, 20);
  const known = `a.example/x@${digest(1)}`;
  const asked = await Promise.all([known, known, 'b.example/y:1'].map((image) => one.findScan(image, later)));
  for (const { state } of asked) assert.equal(state, 'scanned');
  assert.deepEqual([recalls, scans], [2, 1]);
  assert.equal((await stuck).state, 'pending');
  edition = '2';
  assert.equal((await one.findScan(known, later)).state, 'scanned');
  assert.equal(recalls, 3);
  const failing = desk({ recall: () => Promise.reject(new Error('broken')) });
  assert.equal((await failing.findScan(known, later)).state, 'scanned');
});
