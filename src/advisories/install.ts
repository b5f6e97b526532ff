import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Context, messageOf } from '../core/index.js';
import { AdvisoryError, errorNumber } from './errors.js';
import { writeWholeFile } from './file-sink.js';
import { findInstalledDatabase, type InstalledDatabase, openInstalledFiles, pointerFileName } from './installed.js';

const chunkBytes = 1024 * 1024;
const lockName = '.lock';
const lockPollMs = 20;
const lockStaleMs = 30_000;
const lockWaitMs = 90_000;
/** An import that wrote nothing for so long was killed: longer than it may wait for the lock. */
const silentImportMs = 3 * 60 * 1000;
/** Anything else of runs that never ended is removed after this. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;
const importFolder = /^\.incoming-/;

/** A database that was received whole and waits to be put in place. */
export interface IncomingDatabase {
  /** The folder of databases. */
  readonly folder: string;
  /** The folder inside it that holds the new one's files. */
  readonly incoming: string;
  /** The name that it will have. */
  readonly id: string;
}

/**
 * Puts a database in place, makes it the one in use, and removes those that nobody needs any more.
 * @throws AdvisoryError `DATABASE_UNWRITABLE`, or the file system's own error
 */
export async function installAlone(ctx: Context, database: IncomingDatabase): Promise<InstalledDatabase> {
  return alone(ctx, database.folder, () => install(database));
}

/** One import at a time moves and removes folders, or one would remove what another is about to point to. */
async function alone<T>(ctx: Context, folder: string, work: () => T): Promise<T> {
  const lock = join(folder, lockName);
  const giveUpAt = Date.now() + lockWaitMs;
  while (!takeLock(lock)) {
    ctx.signal.throwIfAborted();
    if (Date.now() > giveUpAt) throw unwritable(folder, new Error('another import does not come to its end'));
    await new Promise<void>((resolve) => setTimeout(resolve, lockPollMs));
  }
  try {
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (cause) {
    if (errorNumber(cause) !== 'EEXIST') throw cause;
  }
  // Its owner was killed: nothing that is done under the lock takes this long.
  const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (madeMs !== undefined && Date.now() - madeMs > lockStaleMs) rmSync(lock, { recursive: true, force: true });
  return false;
}

function install({ folder, incoming, id }: IncomingDatabase): InstalledDatabase {
  const target = join(folder, id);
  const before = currentId(folder);
  moveIn(incoming, target);
  const pointer = join(folder, `.pointer-${process.pid}-${randomBytes(6).toString('hex')}`);
  writeWholeFile(pointer, new TextEncoder().encode(`${id}\n`));
  renameSync(pointer, join(folder, pointerFileName));
  removeOthers(folder, id, before);
  return { path: target, id };
}

/** The same database again: what lies there is kept if it is whole, and replaced if it is not. */
function moveIn(incoming: string, target: string): void {
  if (existsSync(target)) {
    if (isWholeDatabase(target)) return;
    const broken = `${incoming}-replaced`;
    renameSync(target, broken);
    renameSync(incoming, target);
    rmSync(broken, { recursive: true, force: true });
    return;
  }
  try {
    renameSync(incoming, target);
  } catch (cause) {
    // Another import of the same database was faster.
    if (!existsSync(target)) throw cause;
  }
}

/** Reads an installed database through: is every byte what was installed? */
export function isWholeDatabase(folder: string): boolean {
  try {
    const parts = openInstalledFiles(folder);
    try {
      for (let at = 0; at < parts.access.size; at += chunkBytes) {
        parts.access.read(at, Math.min(chunkBytes, parts.access.size - at));
      }
    } finally {
      parts.close();
    }
    return true;
  } catch {
    // Whatever is wrong with it, the new copy takes its place.
    return false;
  }
}

function currentId(folder: string): string | undefined {
  try {
    return findInstalledDatabase(dirname(folder))?.id;
  } catch {
    // A damaged pointer is about to be replaced.
    return undefined;
  }
}

/** Removes databases that neither the pointer names nor a reader may be about to open, and what was abandoned. */
function removeOthers(folder: string, id: string, before: string | undefined): void {
  const databases: { readonly path: string; readonly changedMs: number }[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === id || name === before || name === pointerFileName || name === lockName) continue;
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (changedMs === undefined) continue;
    if (/^[0-9a-f]{64}$/.test(name)) databases.push({ path, changedMs });
    else if (name.startsWith('.') && Date.now() - changedMs > abandonedAfterMs) remove(path);
  }
  removeAbandoned(folder);
  databases.sort((a, b) => b.changedMs - a.changedMs);
  const spared = before === undefined || before === id ? 1 : 0;
  for (const { path } of databases.slice(spared)) remove(path);
}

/** Removes what imports that were killed left behind: a whole database each, which would fill the disk. */
export function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!importFolder.test(name)) continue;
    const path = join(folder, name);
    if (Date.now() - lastChangeMs(path) > silentImportMs) remove(path);
  }
}

function lastChangeMs(folder: string): number {
  try {
    const paths = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
    return Math.max(...paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
  } catch {
    // It was put in place, or removed, a moment ago.
    return Date.now();
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It is in use on a system that refuses to remove open files: the next import tries again.
  }
}

/** The error for a folder of databases that cannot be written to. */
export function unwritable(folder: string, cause: unknown): AdvisoryError {
  return new AdvisoryError('DATABASE_UNWRITABLE', `cannot install a database in ${folder}: ${messageOf(cause)}`, {
    hint: 'check that the folder can be written to and that the disk has room, or name another with --cache-dir',
    cause,
  });
}
