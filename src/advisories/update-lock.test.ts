import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../../test/support/paths.js';
import { createContext } from '../core/index.js';
import { takeUpdateLock } from './update-lock.js';

const ctx = createContext();
const nobody = (): void => {};

test('update lock: one at a time, and whoever waited knows it', async (t) => {
  const folder = temporaryFolder(t);
  const order: string[] = [];
  const first = await takeUpdateLock(ctx, folder, nobody);
  assert.equal(first.waited, false);
  const others = ['a', 'b', 'c'].map(async (name) => {
    const lock = await takeUpdateLock(ctx, folder, () => order.push(`${name} waits`));
    order.push(`${name} has it`);
    assert.equal(lock.waited, true);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} is done`);
    lock.release();
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(order, ['a waits', 'b waits', 'c waits']);
  first.release();
  await Promise.all(others);
  const turns = order.slice(3);
  for (let at = 0; at < turns.length; at += 2) {
    assert.equal(turns[at + 1], turns[at]?.replace('has it', 'is done'), turns.join());
  }
  assert.equal(existsSync(join(folder, '.update-lock')), false);
});

test('update lock: of a process that was killed it is taken at once', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const folder = temporaryFolder(t);
  const lock = await takeUpdateLock(ctx, folder, nobody);
  const path = join(folder, '.update-lock');
  const mine = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  lock.release();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const dead = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await new Promise((resolve) => dead.on('exit', resolve));
  // A number that no process has, and one that another process has by now.
  for (const owner of [{ pid: dead.pid }, { pid: child.pid, started: '1' }]) {
    writeFileSync(path, JSON.stringify({ ...mine, nonce: 'gone', ...owner }));
    const taken = await takeUpdateLock(ctx, folder, nobody);
    assert.equal(taken.waited, true);
    taken.release();
  }
});

test('update lock: a heartbeat from somewhere else is respected until the signal ends the wait', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, '.update-lock');
  writeFileSync(path, JSON.stringify({ nonce: 'far', pid: 1, space: 'another machine' }));
  const controller = new AbortController();
  const waiting = takeUpdateLock({ ...ctx, signal: controller.signal }, folder, () =>
    controller.abort(new Error('enough')),
  );
  await assert.rejects(waiting, /enough/);
  assert.equal(existsSync(path), true);
});

test("update lock: what is another's by now is not released", async (t) => {
  const folder = temporaryFolder(t);
  const lock = await takeUpdateLock(ctx, folder, nobody);
  const path = join(folder, '.update-lock');
  writeFileSync(path, JSON.stringify({ nonce: 'other', pid: 1, space: '' }));
  lock.release();
  assert.equal(existsSync(path), true);
});
