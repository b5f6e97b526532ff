import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno, type Context } from '../core/index.js';

const staleMs = 30_000;
const patienceMs = 60_000;
const stepMs = 20;

/**
 * Runs `work` while no other process of ours does so for the same path: a file beside it says that somebody is at it.
 * One that a process left behind when it died is taken away after half a minute.
 */
export async function withFileLock<T>(context: Context, path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.tidewaiter-lock`;
  for (let waited = 0; !(await tryLock(lock)); waited += stepMs) {
    context.signal.throwIfAborted();
    if (waited >= patienceMs) throw new Error(`another process has kept ${lock} for a minute`);
    await removeStale(lock);
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
  } catch (thrown) {
    if (isErrno(thrown, 'EEXIST')) return false;
    throw thrown;
  }
}

async function removeStale(lock: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(lock);
    if (Date.now() - mtimeMs > staleMs) await rm(lock, { force: true });
  } catch (thrown) {
    // Its owner was faster.
    if (!isErrno(thrown, 'ENOENT')) throw thrown;
  }
}
