import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../core/index.js';
import { errorCodeOf, ImageError, reasonOf } from './errors.js';

/** A private temporary copy of bytes that can be read only once where they come from. */
export interface SpooledFile {
  readonly handle: FileHandle;
  /** Closes it; it is gone then. */
  close(): Promise<void>;
}

/**
 * Writes all chunks to a new file that only this user can read. It has no name any more by the time that the first byte
 * is written, so that it goes away with the process, however that ends (but where a file in use cannot be unlinked).
 * @throws ImageError `SPOOL_FAILED`; what the chunks throw
 */
export async function spool(context: Context, chunks: AsyncIterable<Uint8Array>, folder: string): Promise<SpooledFile> {
  const file = await create(context, folder);
  try {
    let done = 0;
    for await (const chunk of chunks) {
      context.signal.throwIfAborted();
      await writeAll(file.handle, chunk, done);
      done += chunk.length;
      context.progress?.({ task: 'unpacking the archive', done, unit: 'bytes' });
    }
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  try {
    let written = 0;
    while (written < chunk.length) {
      written += (await handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
    }
  } catch (thrown) {
    throw spoolFailed(thrown);
  }
}

/** In the given folder, or in the system's own where that cannot be written to. */
async function create(context: Context, folder: string): Promise<SpooledFile> {
  try {
    await mkdir(folder, { mode: 0o700 }).catch(() => {}); // most often it is there; if not, the next line says so
    return await createIn(folder);
  } catch (thrown) {
    context.log('debug', `no temporary file in ${folder}: ${reasonOf(thrown)}`);
  }
  try {
    return await createIn(tmpdir());
  } catch (thrown) {
    throw spoolFailed(thrown);
  }
}

async function createIn(folder: string): Promise<SpooledFile> {
  const path = join(folder, `spool-${randomBytes(12).toString('hex')}`);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(path, flags, 0o600);
  const isNamed = !(await removed(path));
  let isOpen = true;
  return {
    handle,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await handle.close();
      if (isNamed) await removed(path);
    },
  };
}

async function removed(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (thrown) {
    return errorCodeOf(thrown) === 'ENOENT';
  }
}

function spoolFailed(thrown: unknown): ImageError {
  return new ImageError('SPOOL_FAILED', `no temporary copy of the archive can be kept: ${reasonOf(thrown)}`, {
    hint: 'free some space, choose another folder with the variable TMPDIR, or give an archive that is not compressed',
    cause: thrown,
  });
}
