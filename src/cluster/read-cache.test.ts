import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadCache, type ReadCacheOptions } from './read-cache.js';

function cache(options: Partial<ReadCacheOptions> = {}): ReadCache<string> {
  return new ReadCache({
    clock: () => 0,
    keepMs: 10,
    failureMs: 5,
    maxEntries: 3,
    maxBytes: 100,
    atOnce: 2,
    waiting: 3,
    perGroup: 4,
    refusal: () => new Error('too many'),
    ...options,
  });
}

const value = (text: string, sizeBytes = 1) => ({ value: text, sizeBytes });

void test('so many at a time, so many wait, and of one group no more than its share', async () => {
  const one = cache({ perGroup: 3 });
  const gates: (() => void)[] = [];
  let most = 0;
  let running = 0;
  const slow = async (): Promise<ReturnType<typeof value>> => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => gates.push(resolve));
    running--;
    return value('done');
  };
  const ask = async (group: string, name: string): Promise<string> =>
    await one.ask({ group, name }, slow).catch((error: Error) => error.message);
  const evil = ['a', 'b', 'c', 'd', 'a'].map((name) => ask('evil', name));
  const shop = ['a', 'b', 'c'].map((name) => ask('shop', name));
  const all = Promise.all([...evil, ...shop]);
  for (let turn = 0; turn < 50; turn++) {
    for (const gate of gates.splice(0)) gate();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await all, ['done', 'done', 'done', 'too many', 'done', 'done', 'done', 'too many']);
  assert.equal(most, 2);
  // Nothing of a refusal is remembered, and every place is free again.
  const after = ask('evil', 'd');
  await new Promise((resolve) => setImmediate(resolve));
  for (const gate of gates.splice(0)) gate();
  assert.equal(await after, 'done');
});

void test('what is kept is bounded in number and bytes, the oldest goes first, and failures are kept shorter', async () => {
  let now = 0;
  let reads = 0;
  const one = cache({ clock: () => now });
  const ask = async (name: string, sizeBytes = 1): Promise<number> => {
    const before = reads;
    await one.ask({ group: '', name }, async () => (reads++, value(name, sizeBytes)));
    return reads - before;
  };
  assert.deepEqual([await ask('a'), await ask('b'), await ask('c'), await ask('a')], [1, 1, 1, 0]);
  assert.deepEqual([await ask('d'), await ask('b'), await ask('d')], [1, 0, 0]);
  assert.equal(await ask('a'), 1);
  assert.deepEqual(
    [await ask('large', 1000), await ask('large', 1000), await ask('small'), await ask('small')],
    [1, 1, 1, 0],
  );
  now = 10;
  assert.equal(await ask('small'), 1);
  const fail = async (): Promise<never> => {
    reads++;
    throw new Error('no');
  };
  const failed = async (): Promise<void> => await assert.rejects(one.ask({ group: '', name: 'f' }, fail), /no/);
  const start = reads;
  await failed();
  now = 14;
  await failed();
  assert.equal(reads - start, 1);
  now = 15;
  await failed();
  assert.equal(reads - start, 2);
});
