import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CancelSignal, FormatError } from '../core/index.js';
import { errorCodeOf, ImageError, reasonOf } from './errors.js';
import { readRange } from './file-range.js';
import type { FileStore, StoredFile } from './file-store.js';

/** The files of a folder. Paths come from documents of the image, so that they are clean before they get here. */
export function folderFiles(folder: string): FileStore {
  const find = async (path: string): Promise<StoredFile | undefined> => {
    const full = join(folder, path);
    try {
      const found = await stat(full);
      if (!found.isFile()) return undefined;
      return {
        path,
        sizeBytes: found.size,
        place: { file: full, position: 0, length: found.size },
        open: (signal) => readFileWhole(full, path, found.size, signal),
      };
    } catch (thrown) {
      if (errorCodeOf(thrown) === 'ENOENT' || errorCodeOf(thrown) === 'ENOTDIR') return undefined;
      throw new ImageError('INPUT_UNREADABLE', `${full} cannot be read: ${reasonOf(thrown)}`, { cause: thrown });
    }
  };
  return {
    noun: 'folder',
    find,
    async findAll(path) {
      const file = await find(path);
      return file ? [file] : [];
    },
    async close() {},
  };
}

async function* readFileWhole(
  full: string,
  path: string,
  sizeBytes: number,
  signal: CancelSignal,
): AsyncGenerator<Uint8Array> {
  let handle: FileHandle;
  try {
    // Not blocking, in case that a pipe has taken the file's place meanwhile.
    handle = await open(full, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    throw new ImageError('INPUT_UNREADABLE', `${full} cannot be read: ${reasonOf(thrown)}`, { cause: thrown });
  }
  try {
    if (!(await handle.stat()).isFile()) throw new FormatError('INVALID', `${path} is no regular file`);
    yield* readRange(handle, 0, sizeBytes, signal);
  } finally {
    await handle.close();
  }
}
