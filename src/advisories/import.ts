import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Context, FormatError, type RandomAccess } from '../core/index.js';
import { compressionOf } from '../formats/index.js';
import { BlockHasher, type BlockList, encodeBlockList, sha256 } from './block-list.js';
import { checkDatabase, checkSchema } from './check-database.js';
import { aboutDatabase, AdvisoryError, errorNumber, fileError } from './errors.js';
import { FileAccess, readSmallFile } from './file-access.js';
import { FileSink, writeWholeFile } from './file-sink.js';
import { installAlone, removeAbandoned, unwritable } from './install.js';
import { blockListFileName, databasesFolderName, type InstalledDatabase } from './installed.js';
import { databaseFileName, decodeMetadata, encodeMetadata, maxMetadataBytes, metadataFileName } from './metadata.js';
import { TarUnpacker } from './tar-unpacker.js';
import { isTar, unpackFile } from './unpack.js';

const chunkBytes = 1024 * 1024;
const importHint = 'get the file again; the database in use was left as it is';

export interface ImportOptions {
  /** What errors call it; default: its path. */
  readonly name?: string | undefined;
  /** Bytes of `metadata.json` that did not come beside the file. */
  readonly metadata?: Uint8Array | undefined;
  /** It was downloaded, at this time: `metadata.json` must be there, and says so from now on. */
  readonly downloadedAt?: Date | undefined;
  /** Told the id that it will have, before it is put in place. */
  readonly onReady?: ((id: string) => void) | undefined;
}

/**
 * Installs a database: a database file (with the `metadata.json` beside it), a folder that holds both, or the packed tar
 * archive of both that registries keep; which of them shows in the content. It is checked, hashed block by block and put
 * in place whole; then it is the one that `findInstalledDatabase` names. The one before it stays for those who are about
 * to open it; older ones go.
 * @throws AdvisoryError `DATABASE_MISSING`, `DATABASE_CORRUPT`, `DATABASE_SCHEMA`, `DATABASE_UNREADABLE`,
 * `DATABASE_UNWRITABLE`
 */
export async function importDatabase(
  ctx: Context,
  path: string,
  cacheDir: string,
  options: ImportOptions = {},
): Promise<InstalledDatabase> {
  const folder = join(cacheDir, databasesFolderName);
  const incoming = join(folder, `.incoming-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(incoming, { recursive: true });
    removeAbandoned(folder);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  try {
    const list = await receive(ctx, { path, folder: incoming, options });
    const id = writeBlockList(list, incoming);
    options.onReady?.(id);
    return await installAlone(ctx, { folder, incoming, id });
  } catch (cause) {
    throw errorNumber(cause)?.startsWith('E') && !(cause instanceof AdvisoryError) ? unwritable(folder, cause) : cause;
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
}

interface ReceiveJob {
  readonly path: string;
  /** Where to. */
  readonly folder: string;
  readonly options: ImportOptions;
}

/** Brings both files into the folder, checked, and tells their hashes. */
async function receive(ctx: Context, { path, folder, options }: ReceiveJob): Promise<BlockList> {
  const status = statusOf(path);
  const file = status.isDirectory() ? join(path, databaseFileName) : path;
  const hasher = new BlockHasher();
  const found = await about(options.name ?? file, () => copyFiles(ctx, file, folder, hasher));
  const name = options.name ?? path;
  const metadata = aboutDatabase(name, importHint, () => {
    const bytes = options.metadata ?? found;
    if (bytes) checkSchema(name, decodeMetadata(bytes).version);
    checkFile(join(folder, databaseFileName));
    return options.downloadedAt ? markDownloaded(bytes, options.downloadedAt) : bytes;
  });
  if (metadata) writeWholeFile(join(folder, metadataFileName), metadata);
  return hasher.finish(metadata);
}

function markDownloaded(metadata: Uint8Array | undefined, at: Date): Uint8Array {
  if (!metadata) throw new FormatError('INVALID', `there is no ${metadataFileName} beside it`);
  const marked = { ...decodeMetadata(metadata), downloadedAt: at.toISOString() };
  return new TextEncoder().encode(encodeMetadata(marked));
}

/** Returns the bytes of `metadata.json`, if there is one. */
async function copyFiles(
  ctx: Context,
  file: string,
  folder: string,
  hasher: BlockHasher,
): Promise<Uint8Array | undefined> {
  const access = openInput(file);
  const toDisk = <T>(write: () => T): T => {
    try {
      return write();
    } catch (cause) {
      throw unwritable(dirname(folder), cause);
    }
  };
  const target = toDisk(() => new FileSink(join(folder, databaseFileName)));
  try {
    let position = 0;
    const onBytes = (bytes: Uint8Array): void => {
      hasher.update(bytes);
      toDisk(() => target.write(position, bytes));
      position += bytes.length;
    };
    const onProgress = (done: number): void =>
      ctx.progress?.({ task: 'importing the database', done, total: access.size, unit: 'bytes' });
    const head = access.read(0, Math.min(512, access.size));
    const packed = compressionOf(head) !== 'none' || isTar(head);
    const metadata = packed
      ? await unpackArchive(ctx, { file, head, sizeBytes: access.size, onBytes, onProgress })
      : await copyPlain(ctx, { file, access, onBytes, onProgress });
    toDisk(() => target.finish());
    return metadata;
  } finally {
    target.close();
    access.close();
  }
}

interface CopyJob {
  readonly file: string;
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly onProgress: (done: number) => void;
}

async function copyPlain(
  ctx: Context,
  job: CopyJob & { readonly access: RandomAccess },
): Promise<Uint8Array | undefined> {
  const { access, onBytes, onProgress } = job;
  for (let at = 0; at < access.size; at += chunkBytes) {
    ctx.signal.throwIfAborted();
    onBytes(access.read(at, Math.min(chunkBytes, access.size - at)));
    onProgress(Math.min(at + chunkBytes, access.size));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return readSmallFile(join(dirname(job.file), metadataFileName), maxMetadataBytes);
}

async function unpackArchive(
  ctx: Context,
  job: CopyJob & { readonly head: Uint8Array; readonly sizeBytes: number },
): Promise<Uint8Array> {
  let metadata: Uint8Array | undefined;
  let found = false;
  const unpacker = new TarUnpacker({
    wants: ({ path, type }) => {
      if (type !== 'file' || (path !== databaseFileName && path !== metadataFileName)) return 'skip';
      if (path === metadataFileName) return 'collect';
      if (found) throw new FormatError('INVALID', `the archive holds ${databaseFileName} twice`);
      found = true;
      return 'stream';
    },
    onCollected: (bytes) => (metadata = bytes),
    onBytes: job.onBytes,
    maxCollectedBytes: maxMetadataBytes,
  });
  await unpackFile(ctx, {
    path: job.file,
    compression: compressionOf(job.head),
    sizeBytes: job.sizeBytes,
    onRead: job.onProgress,
    onChunk: (chunk) => unpacker.feed(chunk),
  });
  unpacker.end();
  if (!found) throw new FormatError('INVALID', `the archive does not hold ${databaseFileName}`);
  if (!metadata) throw new FormatError('INVALID', `the archive does not hold ${metadataFileName}`);
  return metadata;
}

function checkFile(path: string): void {
  const access = new FileAccess(path);
  try {
    checkDatabase(access);
  } finally {
    access.close();
  }
}

/** Returns the name of the folder: the hash of the list. */
function writeBlockList(list: BlockList, folder: string): string {
  const bytes = encodeBlockList(list);
  writeWholeFile(join(folder, blockListFileName), bytes);
  return Buffer.from(sha256(bytes)).toString('hex');
}

function openInput(file: string): FileAccess {
  try {
    return new FileAccess(file);
  } catch (cause) {
    throw cause instanceof FormatError ? cause : fileError(file, cause);
  }
}

function statusOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

async function about<T>(location: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    return aboutDatabase(location, importHint, () => {
      throw cause;
    });
  }
}
