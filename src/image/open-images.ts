import { constants, openSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { type Context, limits } from '../core/index.js';
import { compressionOf } from '../formats/index.js';
import { normalizePlatform, type Platform } from '../reference/index.js';
import { archiveFiles } from './archive-files.js';
import { chooseImage } from './choose.js';
import { recognise, unpack } from './compression.js';
import { asImageError, errorCodeOf, ImageError, reasonOf } from './errors.js';
import { readRange } from './file-range.js';
import type { FileStore } from './file-store.js';
import { folderFiles } from './folder-files.js';
import type { OpenedImages } from './image.js';
import * as registered from './sources/index.js';
import { spool } from './spool.js';

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
  /** Only an image for this platform will do. */
  readonly platform?: Platform | undefined;
  /** Taken from a multi-platform image when no platform is asked for; default: this machine's, under Linux. */
  readonly hostPlatform?: Platform | undefined;
  /** Where temporary copies of compressed archives may lie. */
  readonly spoolDir: string;
}

/** In the order in which they are tried: `index.json` has the digests, so it goes first where both are there. */
const sources = [registered.ociLayout, registered.dockerArchive];

/**
 * Opens the image that a path holds, whatever the file is called: docker archives, OCI layouts in folders and archives,
 * containerd exports, plain or compressed.
 * @throws ImageError
 */
export async function openImages(context: Context, options: OpenOptions): Promise<OpenedImages> {
  const { files, name, tag } = await openFiles(context, options);
  try {
    const found = await findImages(files, name, context);
    const wanted = {
      reference: options.reference ?? tag,
      platform: options.platform,
      hostPlatform: options.hostPlatform ?? normalizePlatform({ os: 'linux', architecture: process.arch }),
    };
    const { candidate, notices } = chooseImage(found, wanted, name);
    return { images: [await candidate.load()], notices, close: () => files.close() };
  } catch (thrown) {
    await files.close();
    throw asImageError(thrown, name, 'ARCHIVE_CORRUPT');
  }
}

async function findImages(files: FileStore, name: string, context: Context) {
  for (const source of sources) {
    if (await files.find(source.sign)) return await source.find(files, context.signal);
  }
  const signs = sources.map((source) => `no ${source.sign} (${source.title})`).join(' and ');
  throw new ImageError('NOT_AN_IMAGE', `${name} holds no image: there is ${signs} in it`, {
    hint: 'give an archive of docker save or of an OCI layout, or the folder of an OCI layout',
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
    return { files: await streamFiles(context, options.stdin ?? standardInput(name), { name, spoolDir }), name };
  }
  const { path, tag } = await splitTag(input);
  const found = await statOf(path);
  if (found.isDirectory()) return { files: folderFiles(path), name: path, tag };
  if (found.isFIFO())
    return { files: await streamFiles(context, openPipe(path), { name: path, spoolDir }), name: path };
  const handle = await openForReading(path);
  if (found.isFile()) return { files: await fileFiles(context, handle, { name: path, spoolDir }), name: path };
  const stream = handle.createReadStream({ highWaterMark: 1 << 20 });
  return { files: await streamFiles(context, stream, { name: path, spoolDir }), name: path };
}

function standardInput(name: string): AsyncIterable<Uint8Array> {
  if (process.stdin.isTTY) {
    throw new ImageError('INPUT_UNREADABLE', `${name} is a terminal, not an archive`, {
      hint: 'pipe an archive into it, as in docker save IMAGE | tidewaiter image --input -',
    });
  }
  return process.stdin;
}

interface Naming {
  readonly name: string;
  readonly spoolDir: string;
}

/** A regular file: read in place when it is not compressed. Takes the handle over. */
async function fileFiles(context: Context, handle: FileHandle, naming: Naming): Promise<FileStore> {
  let keep = false;
  try {
    const start = new Uint8Array(4);
    await handle.read(start, 0, start.length, 0);
    const { size } = await handle.stat();
    if (compressionOf(start) === 'none') {
      const files = await archiveOf(handle, naming.name);
      keep = true;
      return files;
    }
    return await streamFiles(context, readRange(handle, 0, size, context.signal), naming);
  } finally {
    if (!keep) await handle.close();
  }
}

/** Bytes that come once: unpacked if need be, and kept in a temporary file. */
async function streamFiles(context: Context, stream: AsyncIterable<Uint8Array>, naming: Naming): Promise<FileStore> {
  let spooled: Awaited<ReturnType<typeof spool>>;
  try {
    const { compression, chunks } = await recognise(stream);
    spooled = await spool(context, unpack(chunks, { compression, maxBytes: limits.layerBytes }), naming.spoolDir);
  } catch (thrown) {
    throw asImageError(thrown, naming.name, 'ARCHIVE_CORRUPT');
  }
  try {
    const files = await archiveOf(spooled.handle, naming.name);
    return { ...files, close: () => spooled.close() };
  } catch (thrown) {
    await spooled.close();
    throw thrown;
  }
}

/** Does the file begin like a tar archive at all? If not, "not an archive" says more than "a wrong checksum". */
async function archiveOf(handle: FileHandle, name: string): Promise<FileStore> {
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
