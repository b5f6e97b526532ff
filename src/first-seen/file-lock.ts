import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno } from '../core/index.js';

const stepMs = 20;
/** Writing one small file takes no such time: whoever has not changed the lock for so long is gone. */
export const lockGoneMs = 5000;
const patienceMs = 15_000;

/**
 * Runs `work` while no other process of ours does so for the same path. Clocks of other machines do not matter: a lock that
 * lies there unchanged for `goneMs` is taken away.
 * @throws Error when it cannot be had, with a message fit for people
 */
export async function withFileLock<T>(path: string, goneMs: number, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const start = performance.now();
  let seen = '';
  let since = start;
  while (!(await tryLock(lock))) {
    const now = performance.now();
    if (now - start > patienceMs) throw new Error(`another process keeps ${lock}`);
    const mark = await markOf(lock);
    if (mark !== seen) [seen, since] = [mark, now];
    else if (now - since > goneMs) await rm(lock, { force: true });
    await sleep(stepMs);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600);
    await file.close();
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function markOf(lock: string): Promise<string> {
  try {
    const { ino, mtimeMs } = await stat(lock);
    return `${ino} ${mtimeMs}`;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}
