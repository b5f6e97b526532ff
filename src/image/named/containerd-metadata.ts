import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Context, FormatError, messageOf, type RandomAccess } from '../../core/index.js';
import { type BoltBucket, BoltDatabase } from '../../formats/index.js';
import { errorCodeOf, ImageError, reasonOf } from '../errors.js';

const mostAttempts = 40;
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
    for (let attempt = 1; ; attempt++) {
      context.signal.throwIfAborted();
      const outcome = attemptToRead(file, read);
      if (outcome.isWhole && 'value' in outcome) return outcome.value;
      if (outcome.isWhole && !('value' in outcome) && !isOfFormat(outcome.thrown)) throw outcome.thrown;
      if (attempt >= mostAttempts || (outcome.isWhole && attempt >= 3)) throw unusable(path, outcome);
      await setTimeout(Math.min(attempt, longestPauseMs));
    }
  } finally {
    closeSync(file);
  }
}

/** Nothing was written meanwhile: then what was found, or thrown, is to be believed. */
type Outcome<T> =
  | { readonly isWhole: boolean; readonly value: T }
  | { readonly isWhole: boolean; readonly thrown: unknown };

function attemptToRead<T>(file: number, read: (root: BoltBucket) => T): Outcome<T> {
  let before: bigint | undefined;
  try {
    const database = new BoltDatabase(accessTo(file));
    before = database.meta.transaction;
    const value = read(database.root);
    return { isWhole: before === transactionOf(file), value };
  } catch (thrown) {
    return { isWhole: before !== undefined && before === transactionOf(file), thrown };
  }
}

function transactionOf(file: number): bigint | undefined {
  try {
    return new BoltDatabase(accessTo(file)).meta.transaction;
  } catch {
    return undefined; // a meta page that is just being written: then it is not what it was
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
  const what = code === 'ENOENT' || code === 'ENOTDIR' ? `no containerd: ${path} does not exist` : undefined;
  return new ImageError('SOURCE_UNAVAILABLE', what ?? `${path} cannot be read: ${reasonOf(thrown)}`, {
    hint: isForbidden ? 'run it as root: the files of containerd belong to root alone' : undefined,
    cause: thrown,
  });
}

function isOfFormat(thrown: unknown): boolean {
  return thrown instanceof FormatError;
}

function unusable(path: string, outcome: Outcome<unknown>): ImageError {
  const cause = 'thrown' in outcome ? outcome.thrown : undefined;
  if (!outcome.isWhole && !(cause instanceof FormatError)) {
    return new ImageError('SOURCE_FAILED', `${path} is written to faster than it can be read`, {
      hint: 'try again when containerd does less',
      cause,
    });
  }
  return new ImageError('SOURCE_FAILED', `${path} is no metadata of containerd: ${messageOf(cause)}`, { cause });
}
