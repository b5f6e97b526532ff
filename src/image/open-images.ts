import { constants, openSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Context } from '../core/index.js';
import { compressionOf } from '../formats/index.js';
import { normalizePlatform, type Platform } from '../reference/index.js';
import { errorCodeOf, ImageError, reasonOf } from './errors.js';
import { readRange } from './file-range.js';
import type { FileStore } from './file-store.js';
import { folderFiles } from './folder-files.js';
import type { OpenedImages } from './image.js';
import { openStore } from './open-store.js';
import { spooledFiles, type SpoolNaming, tarFiles } from './spooled-files.js';

export interface OpenOptions {
  /**
   * Path of an archive or of a folder; an OCI layout folder may be followed by `:TAG` or `@DIGEST`. Or `stdin`: the
   * process's standard input.
   */
  readonly input: string;
  /** The bytes of an archive, to read instead of what `input` names. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Which image of several: a name, an id or a digest. */
  readonly reference?: string | undefined;
  /** Only an image for this platform will do; or every platform that there is. */
  readonly platform?: Platform | 'all' | undefined;
  /** Taken from a multi-platform image when no platform is asked for; default: this machine's, under Linux. */
  readonly hostPlatform?: Platform | undefined;
  /** Where temporary copies of compressed archives may lie. */
  readonly spoolDir: string;
}

/**
 * Opens the image that a path holds, whatever the file is called: docker archives, OCI layouts in folders and archives,
 * containerd exports, plain or compressed.
 * @throws ImageError
 */
export async function openImages(context: Context, options: OpenOptions): Promise<OpenedImages> {
  const { files, name, tag } = await openFiles(context, options);
  return await openStore(context, files, name, {
    reference: options.reference ?? tag,
    platform: options.platform,
    hostPlatform: options.hostPlatform ?? normalizePlatform({ os: 'linux', architecture: process.arch }),
  });
}

interface OpenedFiles {
  readonly files: FileStore;
  /** For messages. */
  readonly name: string;
  /** What stood behind the path of a folder. */
  readonly tag?: string | undefined;
}

async function openFiles(context: Context, options: OpenOptions): Promise<OpenedFiles> {
  const { input, spoolDir } = options;
  if (options.stdin || input === 'stdin') {
    const name = 'standard input';
    return { files: await spooledFiles(context, options.stdin ?? standardInput(name), { name, spoolDir }), name };
  }
  const { path, tag } = await splitTag(input);
  const found = await statOf(path);
  if (found.isDirectory()) return { files: folderFiles(path), name: path, tag };
  if (found.isFIFO())
    return { files: await spooledFiles(context, openPipe(path), { name: path, spoolDir }), name: path };
  const handle = await openForReading(path);
  if (found.isFile()) return { files: await fileFiles(context, handle, { name: path, spoolDir }), name: path };
  const stream = handle.createReadStream({ highWaterMark: 1 << 20 });
  return { files: await spooledFiles(context, stream, { name: path, spoolDir }), name: path };
}

function standardInput(name: string): AsyncIterable<Uint8Array> {
  if (process.stdin.isTTY) {
    throw new ImageError('INPUT_UNREADABLE', `${name} is a terminal, not an archive`, {
      hint: 'pipe an archive into it, as in docker save IMAGE | tidewaiter image --input -',
    });
  }
  return process.stdin;
}

/** A regular file: read in place when it is not compressed. Takes the handle over. */
async function fileFiles(context: Context, handle: FileHandle, naming: SpoolNaming): Promise<FileStore> {
  let keep = false;
  try {
    const start = new Uint8Array(4);
    await handle.read(start, 0, start.length, 0);
    const { size } = await handle.stat();
    if (compressionOf(start) === 'none') {
      const files = await tarFiles(handle, naming.name);
      keep = true;
      return files;
    }
    return await spooledFiles(context, readRange(handle, 0, size, context.signal), naming);
  } finally {
    if (!keep) await handle.close();
  }
}

/** `PATH:TAG` and `PATH@DIGEST` of a folder, when there is nothing of the whole name. */
async function splitTag(input: string): Promise<{ readonly path: string; readonly tag?: string | undefined }> {
  if (await exists(input)) return { path: input };
  for (const separator of ['@', ':']) {
    const at = separator === '@' ? input.indexOf('@') : input.lastIndexOf(':');
    if (at > 0 && (await exists(input.slice(0, at)))) return { path: input.slice(0, at), tag: input.slice(at + 1) };
  }
  return { path: input };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // why it cannot be had is said when it is opened
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/** Opening a pipe as a file waits in a thread for somebody who writes to it, and keeps the process from ending. */
function openPipe(path: string): AsyncIterable<Uint8Array> {
  try {
    const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return new Socket({ fd, readable: true, writable: false });
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function unreadable(path: string, thrown: unknown): ImageError {
  const isMissing = errorCodeOf(thrown) === 'ENOENT' || errorCodeOf(thrown) === 'ENOTDIR';
  return new ImageError(
    isMissing ? 'INPUT_NOT_FOUND' : 'INPUT_UNREADABLE',
    `${path} cannot be opened: ${reasonOf(thrown)}`,
    {
      hint: isMissing ? 'check the path' : 'check who may read it',
      cause: thrown,
    },
  );
}
