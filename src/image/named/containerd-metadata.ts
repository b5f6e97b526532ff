import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Context, FormatError, type RandomAccess } from '../../core/index.js';
import { type BoltBucket, BoltDatabase } from '../../formats/index.js';
import { printable } from '../choose.js';
import { errorCodeOf, ImageError, reasonOf } from '../errors.js';

const mostAttempts = 40;
const mostUnopened = 5;
const longestPauseMs = 50;

/**
 * What `read` makes of containerd's metadata, while containerd may be writing to it. Neither locks nor writes.
 *
 * A transaction of bbolt never touches pages that the one before it can reach, so that what was read is whole if the
 * newest transaction is afterwards still the one that it was; else it is read again.
 * @param read Gets the top bucket; must be done with it, and hold no bytes of it, when it returns.
 * @throws ImageError `SOURCE_UNAVAILABLE` when the file is not there or may not be read, `SOURCE_FAILED` when it is
 *   damaged, or changes whenever it is read; what `read` throws about what it found
 */
export async function readContainerdMetadata<T>(
  context: Context,
  path: string,
  read: (root: BoltBucket) => T,
): Promise<T> {
  const file = openRegular(path);
  try {
    let last: unknown;
    for (let attempt = 1, unopened = 0; attempt <= mostAttempts && unopened < mostUnopened; attempt++) {
      context.signal.throwIfAborted();
      const outcome = attemptToRead(file, read);
      if (outcome.kind === 'read') return outcome.value;
      if (outcome.kind === 'failed') throw asFailure(path, outcome.thrown);
      last = outcome.thrown ?? last;
      if (outcome.kind === 'unopened') unopened++;
      await setTimeout(Math.min(attempt, longestPauseMs));
    }
    throw asFailure(path, last ?? new FormatError('INVALID', 'it is written to whenever it is read'));
  } finally {
    closeSync(file);
  }
}

type Outcome<T> =
  | { readonly kind: 'read'; readonly value: T }
  /** Nothing was written meanwhile, so that it is to be believed. */
  | { readonly kind: 'failed'; readonly thrown: unknown }
  | { readonly kind: 'changed'; readonly thrown?: unknown }
  /** The first page or the size was just being changed, or it is no such file. */
  | { readonly kind: 'unopened'; readonly thrown: unknown };

function attemptToRead<T>(file: number, read: (root: BoltBucket) => T): Outcome<T> {
  let database: BoltDatabase;
  try {
    database = new BoltDatabase(accessTo(file));
  } catch (thrown) {
    return { kind: 'unopened', thrown };
  }
  try {
    const value = read(database.root);
    return isStill(file, database) ? { kind: 'read', value } : { kind: 'changed' };
  } catch (thrown) {
    return isStill(file, database) ? { kind: 'failed', thrown } : { kind: 'changed', thrown };
  }
}

function isStill(file: number, { meta }: BoltDatabase): boolean {
  try {
    return new BoltDatabase(accessTo(file)).meta.transaction === meta.transaction;
  } catch {
    return false; // a page that is just being written
  }
}

/** The size is taken anew each time: the file grows before pages behind its old end are used. */
function accessTo(file: number): RandomAccess {
  return {
    size: fstatSync(file).size,
    read(position, length) {
      const bytes = new Uint8Array(length);
      for (let filled = 0; filled < length; ) {
        const count = readSync(file, bytes, filled, length - filled, position + filled);
        if (count === 0) throw new FormatError('TRUNCATED', 'the file ends too early');
        filled += count;
      }
      return bytes;
    },
  };
}

function openRegular(path: string): number {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new ImageError('SOURCE_UNAVAILABLE', `${path} is no regular file`);
}

/** The error for a file of containerd's that the system does not let us have. */
export function unreadable(path: string, thrown: unknown): ImageError {
  const code = errorCodeOf(thrown);
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  const what = code === 'ENOENT' || code === 'ENOTDIR' ? `containerd is not here: ${path} does not exist` : undefined;
  return new ImageError('SOURCE_UNAVAILABLE', what ?? `${path} cannot be read: ${reasonOf(thrown)}`, {
    hint: isForbidden ? 'run it as root: the files of containerd belong to root alone' : undefined,
    cause: thrown,
  });
}

function asFailure(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof FormatError)) return thrown;
  return new ImageError('SOURCE_FAILED', `${path} is no metadata of containerd: ${printable(thrown.message)}`, {
    cause: thrown,
  });
}
