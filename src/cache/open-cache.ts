import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../core/index.js';
import type { Cache, CacheOptions } from './cache.js';
import { frameBytes, frameOf, unframe } from './frame.js';

const temporary = /^\.tmp-[0-9a-f]{24}$/;
const entryName = /^[0-9a-f]{64}$/;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Pruning goes down to this part of the bound, so that it is not needed again at once. */
const prunedTo = 0.8;

/**
 * A cache in a folder: one file an entry, written beside its place and then renamed, so that readers see all of it or
 * nothing whatever happens to the writer. A folder that is missing, read-only, or that others own or may write to makes
 * a cache that is empty and stays so.
 */
export function openCache(options: CacheOptions): Cache {
  return new FolderCache(options);
}

class FolderCache implements Cache {
  readonly #options: CacheOptions;
  #state: 'unknown' | 'usable' | 'missing' | 'unusable' = 'unknown';
  #canWrite = true;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  get(key: string): Uint8Array | undefined {
    if (!this.#isUsable()) return undefined;
    const path = join(this.#options.dir, nameOf(key));
    const file = this.#read(path);
    return file && unframe(key, file);
  }

  put(key: string, bytes: Uint8Array): void {
    if (!this.#canWrite || bytes.length + frameBytes > this.#options.maxBytes) return;
    try {
      if (!this.#isUsable() && !this.#create()) return;
      this.#write(nameOf(key), key, bytes);
    } catch (thrown) {
      this.#giveUp(messageOf(thrown));
    }
  }

  clear(): number {
    if (!this.#isUsable()) return 0;
    let freed = 0;
    for (const file of this.#files()) if (this.#remove(file.path)) freed += file.sizeBytes;
    return freed;
  }

  sizeBytes(): number {
    if (!this.#isUsable()) return 0;
    return this.#files().reduce((sum, file) => sum + file.sizeBytes, 0);
  }

  #isUsable(): boolean {
    if (this.#state === 'unknown') this.#state = this.#inspect();
    return this.#state === 'usable';
  }

  #inspect(): 'usable' | 'missing' | 'unusable' {
    try {
      const found = fs.statSync(this.#options.dir, { throwIfNoEntry: false });
      if (!found) return 'missing';
      if (!found.isDirectory()) return this.#giveUp('it is no folder');
      if (!isTrusted(found)) return this.#giveUp('others own it or may write to it');
      return 'usable';
    } catch (thrown) {
      return this.#giveUp(messageOf(thrown));
    }
  }

  #create(): boolean {
    if (this.#state !== 'missing') return false;
    makeFolder(this.#options.dir);
    this.#state = this.#inspect();
    return this.#state === 'usable';
  }

  #giveUp(reason: string): 'unusable' {
    if (this.#canWrite) this.#options.log?.('debug', `nothing is kept in ${this.#options.dir}: ${reason}`);
    this.#canWrite = false;
    return 'unusable';
  }

  #read(path: string): Uint8Array | undefined {
    let fd: number | undefined;
    try {
      fd = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0));
      const { size, mtimeMs } = fs.fstatSync(fd);
      if (size > this.#options.maxBytes || size < frameBytes) return undefined;
      const bytes = Buffer.allocUnsafeSlow(size);
      if (readFully(fd, bytes) < size) return undefined;
      if (Date.now() - mtimeMs > dayMs) touch(fd);
      return bytes;
    } catch {
      return undefined; // what cannot be read is not there
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  #write(name: string, key: string, bytes: Uint8Array): void {
    const { dir } = this.#options;
    const path = join(dir, `.tmp-${randomBytes(12).toString('hex')}`);
    const fd = fs.openSync(path, 'wx', 0o600);
    try {
      try {
        writeFully(fd, frameOf(key, bytes));
        writeFully(fd, bytes);
      } finally {
        fs.closeSync(fd);
      }
      fs.renameSync(path, join(dir, name));
    } catch (thrown) {
      this.#remove(path);
      throw thrown;
    }
    // One entry in sixteen, by its name: often enough to keep the bound, without listing the folder each time.
    if (name.startsWith('0') || bytes.length * 16 > this.#options.maxBytes) this.#prune();
  }

  /** Many processes may prune at once: each file is gone after the first, and the others pass over it. */
  #prune(): void {
    const files = this.#files();
    const { maxBytes, maxEntries = Number.POSITIVE_INFINITY } = this.#options;
    const now = Date.now();
    let total = 0;
    let count = 0;
    for (const file of files) {
      if (file.isTemporary && now - file.mtimeMs > hourMs) this.#remove(file.path);
      else {
        total += file.sizeBytes;
        count++;
      }
    }
    if (total <= maxBytes && count <= maxEntries) return;
    const oldestFirst = files.filter((file) => !file.isTemporary).sort((a, b) => a.mtimeMs - b.mtimeMs);
    for (const file of oldestFirst) {
      if (total <= maxBytes * prunedTo && count <= maxEntries * prunedTo) return;
      this.#remove(file.path);
      total -= file.sizeBytes;
      count--;
    }
  }

  #files(): { path: string; sizeBytes: number; mtimeMs: number; isTemporary: boolean }[] {
    const files = [];
    for (const name of this.#names()) {
      const isTemporary = temporary.test(name);
      if (!isTemporary && !entryName.test(name)) continue;
      const path = join(this.#options.dir, name);
      const found = fs.lstatSync(path, { throwIfNoEntry: false });
      if (found?.isFile()) files.push({ path, sizeBytes: found.size, mtimeMs: found.mtimeMs, isTemporary });
    }
    return files;
  }

  #names(): string[] {
    try {
      return fs.readdirSync(this.#options.dir);
    } catch {
      return []; // as empty as a folder that is not there
    }
  }

  #remove(path: string): boolean {
    try {
      fs.unlinkSync(path);
      return true;
    } catch {
      return false; // another process was first, or it cannot be removed; it will be tried again
    }
  }
}

/** Node's own recursive form never returns below folders like /proc, where making one fails with "no such file". */
function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (parent !== folder && !fs.existsSync(parent)) makeFolder(parent);
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (thrown) {
    if (!fs.existsSync(folder)) throw thrown; // otherwise another process was first
  }
}

function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Kept facts decide what a scan says, so they must come from this user, or from the machine's own administrator. */
function isTrusted(found: fs.Stats): boolean {
  const me = process.getuid?.();
  if (me === undefined) return true;
  return (found.uid === me || found.uid === 0) && (found.mode & 0o002) === 0;
}

function readFully(fd: number, bytes: Uint8Array): number {
  let filled = 0;
  while (filled < bytes.length) {
    const count = fs.readSync(fd, bytes, filled, bytes.length - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function writeFully(fd: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += fs.writeSync(fd, bytes, written);
}

function touch(fd: number): void {
  try {
    const now = new Date();
    fs.futimesSync(fd, now, now);
  } catch {
    // it only grows old a little earlier
  }
}
