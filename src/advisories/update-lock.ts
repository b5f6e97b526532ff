import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../core/index.js';
import { asNumber, asObject, asString, parseJson } from '../formats/index.js';
import { errorNumber } from './errors.js';
import { readSmallFile } from './file-access.js';
import { writeWholeFile } from './file-sink.js';

const lockFileName = '.update-lock';
const breakerName = '.update-lock-break';
const maxLockBytes = 4096;
const pollMs = 50;
const beatMs = 1000;
/** An owner of whom only the heartbeat can be seen (another machine, another container) is gone after this silence. */
const silentMs = 10_000;
/** An owner that is there and shows no heartbeat is stopped or stuck. */
const stuckMs = 60_000;
const breakerStaleMs = 5000;

/** A lock that is held. */
export interface UpdateLock {
  /** Did somebody else hold it when it was asked for? */
  readonly waited: boolean;
  release(): void;
}

/** Who holds a lock: told by what tells two processes of one number apart. */
interface Owner {
  readonly nonce: string;
  readonly pid: number;
  /** Machine, boot and process namespace: where the number means anything. */
  readonly space: string;
  readonly started: string | undefined;
}

/**
 * Waits until this process is the only one that updates the databases of the folder, however many machines share it. A
 * lock whose owner was killed is taken over at once where that can be seen, and else after ten seconds of silence.
 * Throws the signal's reason, or the file system's own error.
 */
export async function takeUpdateLock(ctx: Context, folder: string, onWait: () => void): Promise<UpdateLock> {
  const path = join(folder, lockFileName);
  const mine: Owner = {
    nonce: randomBytes(12).toString('hex'),
    pid: process.pid,
    space: processSpace(),
    started: statusOf(process.pid)?.started,
  };
  const watch = new Watch(path);
  let waited = false;
  while (!tryTake(path, mine)) {
    ctx.signal.throwIfAborted();
    if (!waited) onWait();
    waited = true;
    const gone = watch.goneOwner(mine);
    if (gone) breakLock(folder, gone);
    else await new Promise<void>((resolve) => setTimeout(resolve, pollMs));
  }
  const heart = setInterval(() => beat(path), beatMs);
  heart.unref();
  return {
    waited,
    release: () => {
      clearInterval(heart);
      if (readOwner(path)?.nonce === mine.nonce) rmSync(path, { force: true });
    },
  };
}

function tryTake(path: string, owner: Owner): boolean {
  try {
    writeWholeFile(path, new TextEncoder().encode(JSON.stringify(owner)));
    return true;
  } catch (cause) {
    if (errorNumber(cause) === 'EEXIST') return false;
    throw cause;
  }
}

function beat(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Whoever took it away thinks that this process is gone; the digest of the bytes decides in the end.
  }
}

/** Looks at a lock again and again, and tells when its owner must be gone. Clocks of other machines do not matter. */
class Watch {
  readonly #path: string;
  #seen = '';
  #sinceMs = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The nonce of an owner that is gone; an empty text for a lock that names none. */
  goneOwner(mine: Owner): { readonly nonce: string } | undefined {
    const changedMs = statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs;
    if (changedMs === undefined) return undefined;
    const owner = readOwner(this.#path);
    const nonce = owner?.nonce ?? '';
    const seen = `${nonce} ${changedMs}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#sinceMs = performance.now();
    }
    const silenceMs = performance.now() - this.#sinceMs;
    // Only there does its process number mean the same process.
    const isNear = owner !== undefined && owner.space === mine.space && owner.space !== '';
    if (isNear && !isAlive(owner)) return { nonce };
    return silenceMs > (isNear ? stuckMs : silentMs) ? { nonce } : undefined;
  }
}

/** Two that find the same lock abandoned must not remove each other's new one. */
function breakLock(folder: string, gone: { readonly nonce: string }): void {
  const breaker = join(folder, breakerName);
  try {
    mkdirSync(breaker);
  } catch (cause) {
    if (errorNumber(cause) !== 'EEXIST') throw cause;
    const madeMs = statSync(breaker, { throwIfNoEntry: false })?.mtimeMs;
    if (madeMs !== undefined && Date.now() - madeMs > breakerStaleMs) rmSync(breaker, { recursive: true, force: true });
    return;
  }
  try {
    const path = join(folder, lockFileName);
    if ((readOwner(path)?.nonce ?? '') === gone.nonce) rmSync(path, { force: true });
  } finally {
    rmSync(breaker, { recursive: true, force: true });
  }
}

/** `undefined` also while the owner has not written itself yet. */
function readOwner(path: string): Owner | undefined {
  try {
    const bytes = readSmallFile(path, maxLockBytes);
    const fields = bytes && asObject(parseJson(bytes));
    const nonce = asString(fields?.nonce);
    const pid = asNumber(fields?.pid);
    if (!fields || nonce === undefined || pid === undefined) return undefined;
    return { nonce, pid, space: asString(fields.space) ?? '', started: asString(fields.started) };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (errorNumber(cause) === 'ESRCH') return false;
  }
  const status = statusOf(pid);
  if (!status) return true;
  const isDead = status.state === 'Z' || status.state === 'X';
  return !isDead && (started === undefined || started === status.started);
}

/** State and start of a process, where the system tells (Linux). See proc(5). */
function statusOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may hold anything, but no parenthesis follows it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function processSpace(): string {
  const linux = quietly(() => readlinkSync('/proc/self/ns/pid'));
  const boot = quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
  if (process.platform === 'linux' && (linux === '' || boot === '')) return '';
  return `${hostname()} ${boot} ${linux}`;
}

function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
