import { basename, join } from 'node:path';
import { FormatError, isTidewaiterError } from '../core/index.js';
import { decodeBlockList, equalBytes, maxBlockListBytes, sha256, VerifiedAccess } from './block-list.js';
import type { DatabaseParts } from './database-parts.js';
import { aboutDatabase, errorNumber, fileError } from './errors.js';
import { FileAccess, readSmallFile } from './file-access.js';
import { databaseFileName, decodeMetadata, maxMetadataBytes, metadataFileName } from './metadata.js';

/** Name of the folder of databases inside the cache folder. */
export const databasesFolderName = 'db';
/** The file that names the folder in use: 64 hex digits and a line end. */
export const pointerFileName = 'current';
/** The list of block hashes of an installed database. */
export const blockListFileName = 'blocks';

const importHint = 'fetch it again with "tidewaiter db update", or install a file with "tidewaiter db import FILE"';
const pointerBytes = 65;

/** An installed database: a folder of the cache. */
export interface InstalledDatabase {
  /** The folder, for `openDatabase(path, { kind: 'installed' })`. */
  readonly path: string;
  /** SHA-256 of its list of hashes, in hex: the folder's name. */
  readonly id: string;
}

/**
 * The installed database that is in use; `undefined` if none was ever installed.
 * @throws AdvisoryError `DATABASE_CORRUPT` if the pointer is damaged, `DATABASE_UNREADABLE` if it cannot be read.
 */
export function findInstalledDatabase(cacheDir: string): InstalledDatabase | undefined {
  const folder = join(cacheDir, databasesFolderName);
  const pointer = join(folder, pointerFileName);
  return aboutDatabase(pointer, importHint, () => {
    const bytes = readSmallFile(pointer, pointerBytes);
    if (!bytes) return undefined;
    const text = new TextDecoder().decode(bytes);
    if (!/^[0-9a-f]{64}\n$/.test(text)) throw new FormatError('INVALID', 'it does not name a database');
    const id = text.slice(0, 64);
    return { path: join(folder, id), id };
  });
}

/** Opens the files of an installed database and binds them to the name of their folder. */
export function openInstalledFiles(path: string): DatabaseParts {
  const location = join(path, databaseFileName);
  return aboutDatabase(path, importHint, () => {
    const listBytes = required(path, blockListFileName, maxBlockListBytes);
    if (Buffer.from(sha256(listBytes)).toString('hex') !== basename(path)) {
      throw new FormatError('INVALID', 'its list of hashes is not what was installed');
    }
    const list = decodeBlockList(listBytes);
    const metadata = list.metadataHash ? required(path, metadataFileName, maxMetadataBytes) : undefined;
    if (metadata && list.metadataHash && !equalBytes(sha256(metadata), list.metadataHash)) {
      throw new FormatError('INVALID', `its ${metadataFileName} is not what was installed`);
    }
    const file = openRequired(location);
    try {
      return {
        kind: 'installed',
        location,
        access: new VerifiedAccess(file, list),
        metadata: metadata && decodeMetadata(metadata),
        digest: `sha256:${Buffer.from(list.fileHash).toString('hex')}`,
        close: () => file.close(),
      };
    } catch (cause) {
      file.close();
      throw cause;
    }
  });
}

/** Are all its files there, and of the right sizes? The database's own bytes are not looked at. */
export function opensWell({ path }: InstalledDatabase): boolean {
  try {
    openInstalledFiles(path).close();
    return true;
  } catch {
    return false;
  }
}

/** A file that the pointer promised: that it is gone is damage, not absence. */
function required(folder: string, name: string, maxBytes: number): Uint8Array {
  const bytes = readSmallFile(join(folder, name), maxBytes);
  if (!bytes) throw new FormatError('INVALID', `its file ${name} is missing`);
  return bytes;
}

function openRequired(path: string): FileAccess {
  try {
    return new FileAccess(path);
  } catch (cause) {
    if (errorNumber(cause) === 'ENOENT')
      throw new FormatError('INVALID', `its file ${databaseFileName} is missing`, { cause });
    throw isTidewaiterError(cause) ? cause : fileError(path, cause);
  }
}
