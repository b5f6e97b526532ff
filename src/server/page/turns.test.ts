import assert from 'node:assert/strict';
import test from 'node:test';
import { Turns } from './turns.js';

test('one piece of work at a time, in the order of asking, and others come between', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const between = (name: string) => (): void => {
    done.push(name);
    setImmediate(() => done.push('another'));
  };
  await Promise.all(['a', 'b', 'c'].map((name) => turns.take(between(name))));
  assert.deepEqual(done, ['a', 'another', 'b', 'another', 'c']);
});

test('work that fails does not stop the next', async () => {
  const turns = new Turns();
  const failed = turns.take(() => {
    throw new Error('no');
  });
  const next = turns.take(() => 'yes');
  await assert.rejects(failed, /no/);
  assert.equal(await next, 'yes');
});
