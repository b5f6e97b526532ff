import type { FileHandle } from 'node:fs/promises';
import { type Context, limits } from '../core/index.js';
import { archiveFiles } from './archive-files.js';
import { recognise, unpack } from './compression.js';
import { asImageError, ImageError } from './errors.js';
import type { FileStore } from './file-store.js';
import { spool } from './spool.js';

export interface SpoolNaming {
  /** What the bytes are called in messages. */
  readonly name: string;
  readonly spoolDir: string;
}

/**
 * The members of an archive whose bytes come once: unpacked if need be, and kept in a temporary file that closing them
 * takes away.
 * @throws ImageError `NOT_AN_IMAGE`, `ARCHIVE_CORRUPT`, `LIMIT_EXCEEDED`, `SPOOL_FAILED`; what the stream throws
 */
export async function spooledFiles(
  context: Context,
  stream: AsyncIterable<Uint8Array>,
  { name, spoolDir }: SpoolNaming,
): Promise<FileStore> {
  let spooled: Awaited<ReturnType<typeof spool>>;
  try {
    const { compression, chunks } = await recognise(stream);
    spooled = await spool(context, unpack(chunks, { compression, maxBytes: limits.layerBytes }), spoolDir);
  } catch (thrown) {
    throw asImageError(thrown, name, 'ARCHIVE_CORRUPT');
  }
  try {
    const files = await tarFiles(spooled.handle, name);
    return { ...files, close: () => spooled.close() };
  } catch (thrown) {
    await spooled.close();
    throw thrown;
  }
}

/**
 * The members of a plain archive in an open file. Does it begin like a tar archive at all? If not, "not an archive" says
 * more than "a wrong checksum".
 * @throws ImageError `NOT_AN_IMAGE`, `ARCHIVE_CORRUPT`, `LIMIT_EXCEEDED`
 */
export async function tarFiles(handle: FileHandle, name: string): Promise<FileStore> {
  const { size } = await handle.stat();
  const start = new Uint8Array(512);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  const looksLikeTar = bytesRead === start.length && (start[0] !== 0 || start.every((byte) => byte === 0));
  const field = String.fromCharCode(...start.subarray(148, 156));
  if (size === 0) throw notAnArchive(`${name} is empty`);
  if (!looksLikeTar || !/^[ \0]*[0-7]{1,7}[ \0]*$/.test(field)) throw notAnArchive(`${name} is no tar archive`);
  return await archiveFiles(handle, name);
}

function notAnArchive(message: string): ImageError {
  return new ImageError('NOT_AN_IMAGE', message, {
    hint: 'give an archive of docker save or of an OCI layout, plain or compressed with gzip or zstd',
  });
}
