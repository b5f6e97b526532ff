import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError, isTidewaiterError } from '../core/index.js';
import type { DatabaseKind, DatabaseParts } from './database-parts.js';
import { aboutDatabase, AdvisoryError, fileError } from './errors.js';
import { FileAccess } from './file-access.js';
import { databaseFileName, readMetadataBeside } from './metadata.js';

const gzipMagic = 0x1f8b;

/**
 * Opens a database file, or the one in a folder, without hashes to check it against.
 * @throws AdvisoryError
 */
export function openPlainFile(path: string, kind: DatabaseKind, hint: string): DatabaseParts {
  return aboutDatabase(path, hint, () => {
    const location = statOf(path).isDirectory() ? join(path, databaseFileName) : path;
    const metadata = readMetadataBeside(location);
    const access = openFile(location);
    try {
      refusePacked(location, access);
    } catch (cause) {
      access.close();
      throw cause;
    }
    return { kind, location, access, metadata, close: () => access.close() };
  });
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

function openFile(path: string): FileAccess {
  try {
    return new FileAccess(path);
  } catch (cause) {
    throw isTidewaiterError(cause) ? cause : fileError(path, cause);
  }
}

function refusePacked(location: string, access: FileAccess): void {
  if (access.size < 2) throw new FormatError('TRUNCATED', `it has only ${access.size} bytes`);
  const head = access.read(0, 2);
  if (((head[0] ?? 0) << 8) + (head[1] ?? 0) !== gzipMagic) return;
  throw new AdvisoryError('DATABASE_CORRUPT', `${location} is a packed database and cannot be read in place`, {
    hint: `install it with "tidewaiter db import ${location}", then scan without naming a file`,
  });
}
