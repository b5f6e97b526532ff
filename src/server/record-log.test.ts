import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../../test/support/paths.js';
import { RecordLog } from './record-log.js';

function linesOf(path: string): readonly number[] {
  const text = readFileSync(path, 'utf8').trim();
  return text === '' ? [] : text.split('\n').map((line) => (JSON.parse(line) as { readonly nth: number }).nth);
}

void test('records in their order, also past a log that was moved away', async (t) => {
  const path = join(temporaryFolder(t), 'log');
  const log = await RecordLog.open({ path, complain: () => assert.fail('nothing is wrong') });
  for (let nth = 0; nth < 2000; nth++) log.add({ nth });
  renameSync(path, `${path}.1`);
  await log.reopen();
  for (let nth = 2000; nth < 3000; nth++) log.add({ nth });
  await log.close();
  const all = [...linesOf(`${path}.1`), ...linesOf(path)];
  assert.deepEqual(
    all,
    Array.from({ length: 3000 }, (_, nth) => nth),
  );
});

void test('a log that cannot be written is tried again', async (t) => {
  const path = join(temporaryFolder(t), 'log');
  const said: string[] = [];
  const log = await RecordLog.open({ path, complain: (line) => said.push(line), retryMs: 5 });
  log.add({ nth: 0 });
  await log.reopen();
  renameSync(path, `${path}.1`);
  mkdirSync(path);
  await log.reopen();
  log.add({ nth: 1 });
  log.add({ nth: 2 });
  assert.notEqual(log.problem, undefined);
  rmdirSync(path);
  for (let tries = 0; log.waiting > 0 || !existsSync(path); tries++) {
    assert.ok(tries < 1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await log.close();
  assert.deepEqual([linesOf(`${path}.1`), linesOf(path)], [[0], [1, 2]]);
  assert.equal(log.problem, undefined);
  assert.match(said.join('\n'), /cannot be written[^]*written again/);
});

void test('what cannot be written at all is told', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
  const said: string[] = [];
  const log = await RecordLog.open({ path: '/dev/full', complain: (line) => said.push(line), retryMs: 5 });
  for (let nth = 0; nth < 600; nth++) log.add({ nth });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await log.close();
  assert.equal(said.filter((line) => line.startsWith('record not written: {"nth":')).length, 600);
});
