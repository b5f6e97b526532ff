import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sideBySide } from './side-by-side.js';

test('results keep the order of the items, and no more than the width run at a time', async () => {
  let running = 0;
  let most = 0;
  const results = await sideBySide([5, 1, 3, 2, 4], 2, async (item) => {
    most = Math.max(most, ++running);
    await sleep(item);
    running--;
    return item * 10;
  });
  assert.deepEqual(results, [50, 10, 30, 20, 40]);
  assert.equal(most, 2);
});

test('the first failure stops further tasks and is thrown after those under way have ended', async () => {
  const started: number[] = [];
  let ended = 0;
  await assert.rejects(
    sideBySide([0, 1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item);
      await sleep(item === 0 ? 1 : 10);
      ended++;
      if (item === 0) throw new Error('first');
    }),
    /first/,
  );
  assert.deepEqual(started, [0, 1]);
  assert.equal(ended, 2);
});
