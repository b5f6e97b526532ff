import { FormatError, isTidewaiterError, messageOf, TidewaiterError } from '../core/index.js';

export type AdvisoryErrorCode =
  /** There is no database where one was looked for. */
  | 'DATABASE_MISSING'
  /** The bytes of a database are not what they were, or never were a database. */
  | 'DATABASE_CORRUPT'
  /** A database of a schema version that this program does not read. */
  | 'DATABASE_SCHEMA'
  /** The file system refuses: permissions, a broken disk. */
  | 'DATABASE_UNREADABLE'
  /** A database could not be written or installed. */
  | 'DATABASE_UNWRITABLE'
  /** A place to fetch the database from is no address. */
  | 'INVALID_ADDRESS'
  /** What a repository holds is no database, by its manifest. */
  | 'ARTIFACT_INVALID'
  /** A web server does not give what was asked for, or gives it wrong. */
  | 'DOWNLOAD_FAILED'
  /** No place gave a database that could be installed. */
  | 'UPDATE_FAILED'
  /** A source of `buildDatabase` does not exist or cannot be read. */
  | 'SOURCE_MISSING'
  /** Nothing in a source looks like any feed. */
  | 'SOURCE_UNRECOGNISED'
  /** A file of a known feed breaks that feed's form. */
  | 'SOURCE_INVALID';

/** What can go wrong with databases and their sources; every one carries a hint. */
export class AdvisoryError extends TidewaiterError<AdvisoryErrorCode> {}

/** Runs `read` and turns broken formats and refusing file systems into an error about the database at `location`. */
export function aboutDatabase<T>(location: string, hint: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof FormatError) {
      throw new AdvisoryError('DATABASE_CORRUPT', `the database ${location} is damaged: ${cause.message}`, {
        hint,
        cause,
      });
    }
    if (isTidewaiterError(cause) || errorNumber(cause) === undefined) throw cause;
    throw fileError(location, cause);
  }
}

/** The error for a file-system call that failed on (a part of) a database. */
export function fileError(location: string, cause: unknown): AdvisoryError {
  if (errorNumber(cause) === 'ENOENT' || errorNumber(cause) === 'ENOTDIR') {
    return new AdvisoryError('DATABASE_MISSING', `there is no database at ${location}`, {
      hint: 'check the path, or install a database with "tidewaiter db import FILE"',
      cause,
    });
  }
  return new AdvisoryError('DATABASE_UNREADABLE', `cannot read ${location}: ${messageOf(cause)}`, {
    hint: 'check the permissions of the file and of the folders above it',
    cause,
  });
}

/** `ENOENT` and the like of a failed system call. */
export function errorNumber(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
