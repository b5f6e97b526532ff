import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, FormatError, isTidewaiterError, limits, messageOf } from '../core/index.js';
import { compressionOf, type TarEntry, TarParser } from '../formats/index.js';
import { AdvisoryError, errorNumber } from './errors.js';
import { FeedFile, maxFeedFileBytes } from './feed.js';
import { FileAccess } from './file-access.js';
import { isTar, unpackFile } from './unpack.js';
import { isZip, readZipEntry, zipEntries } from './zip.js';

/** A file on disk that belongs to a source: a plain file, or an archive of many. */
export interface SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
}

const maxFolderDepth = 64;
const maxFiles = 5_000_000;
const headBytes = 512;

/**
 * The files of a source in a fixed order: itself, or everything below a folder but what begins with a dot.
 * @throws AdvisoryError `SOURCE_MISSING`
 */
export function filesOfSource(source: string): readonly SourceFile[] {
  const status = statusOf(source);
  if (status.isFile()) return [{ path: source, sizeBytes: status.size }];
  const files: SourceFile[] = [];
  walk(source, 0, files);
  return files;
}

function walk(folder: string, depth: number, files: SourceFile[]): void {
  if (depth > maxFolderDepth) throw invalid(folder, `folders nested deeper than ${maxFolderDepth} levels`);
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, depth + 1, files);
    // A link to a file is followed, one to a folder is not: it may lead in circles.
    else if (entry.isFile() || (entry.isSymbolicLink() && statusOf(path).isFile())) {
      files.push({ path, sizeBytes: statusOf(path).size });
    }
    if (files.length > maxFiles) throw invalid(folder, `more than ${maxFiles} files`);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw sourceError(folder, cause);
  }
}

function statusOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw sourceError(path, cause);
  }
}

export interface ReadFilesOptions {
  readonly onFile: (file: FeedFile) => void;
  /** Told of bytes of this file that are done, rising. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Hands out what one file of a source holds: itself, or the files of the archive that its content shows it to be.
 * @throws AdvisoryError `SOURCE_INVALID` naming the file; what `onFile` throws
 */
export async function readSourceFile(ctx: Context, source: SourceFile, options: ReadFilesOptions): Promise<void> {
  try {
    const head = readHead(source);
    if (isZip(head)) readZip(ctx, source, options);
    else if (compressionOf(head) !== 'none' || isTar(head)) await readStream(ctx, source, head, options);
    else options.onFile(readPlain(source));
  } catch (cause) {
    if (cause instanceof FormatError) throw invalid(source.path, cause.message, cause);
    throw isTidewaiterError(cause) || errorNumber(cause) === undefined ? cause : sourceError(source.path, cause);
  }
  options.onProgress(source.sizeBytes);
}

/** The error about one file of a source. */
export function invalid(name: string, reason: string, cause?: unknown): AdvisoryError {
  return new AdvisoryError('SOURCE_INVALID', `${name}: ${reason}`, {
    hint: 'correct the file or leave it out; a database is only built from sources that can be read whole',
    cause,
  });
}

function sourceError(path: string, cause: unknown): AdvisoryError {
  const missing = errorNumber(cause) === 'ENOENT' || errorNumber(cause) === 'ENOTDIR';
  return new AdvisoryError(
    'SOURCE_MISSING',
    missing ? `there is no source ${path}` : `cannot read ${path}: ${messageOf(cause)}`,
    { hint: missing ? 'check the path' : 'check the permissions of the file and of the folders above it', cause },
  );
}

function readHead(source: SourceFile): Uint8Array {
  const file = new FileAccess(source.path);
  try {
    return file.read(0, Math.min(headBytes, file.size));
  } finally {
    file.close();
  }
}

function readPlain(source: SourceFile): FeedFile {
  const file = new FileAccess(source.path);
  try {
    if (file.size > maxFeedFileBytes) throw new FormatError('LIMIT_EXCEEDED', `longer than ${maxFeedFileBytes} bytes`);
    return new FeedFile(source.path, file.read(0, file.size));
  } finally {
    file.close();
  }
}

function readZip(ctx: Context, source: SourceFile, options: ReadFilesOptions): void {
  const file = new FileAccess(source.path);
  let unpacked = 0;
  try {
    for (const entry of zipEntries(file)) {
      ctx.signal.throwIfAborted();
      if (isHidden(entry.path)) continue;
      unpacked += entry.sizeBytes;
      refuseBomb(unpacked, source);
      const name = `${source.path}:${entry.path}`;
      const bytes = about(name, () => readZipEntry(file, entry, maxFeedFileBytes));
      options.onFile(new FeedFile(name, bytes));
      options.onProgress(Math.min(entry.position, source.sizeBytes));
    }
  } finally {
    file.close();
  }
}

/** A packed tar archive, or one packed file. */
async function readStream(
  ctx: Context,
  source: SourceFile,
  head: Uint8Array,
  options: ReadFilesOptions,
): Promise<void> {
  const collector = new Collector(source.path, options.onFile);
  await unpackFile(ctx, {
    path: source.path,
    compression: compressionOf(head),
    sizeBytes: source.sizeBytes,
    onRead: options.onProgress,
    onChunk: (chunk) => collector.feed(chunk),
  });
  collector.end();
}

/** Takes an unpacked stream, finds out whether it is a tar archive, and hands on the files in it, or it as one file. */
class Collector {
  readonly #name: string;
  readonly #onFile: (file: FeedFile) => void;
  readonly #tar: TarParser;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isTar: boolean | undefined;

  constructor(name: string, onFile: (file: FeedFile) => void) {
    this.#name = name;
    this.#onFile = onFile;
    this.#tar = new TarParser({
      entry: ({ type, path }: TarEntry) => (type === 'file' && !isHidden(path) ? maxFeedFileBytes : 0),
      file: ({ path }, bytes) => onFile(new FeedFile(`${name}:${path}`, bytes)),
      tooLarge: ({ path }) => {
        throw invalid(`${name}:${path}`, `longer than ${maxFeedFileBytes} bytes`);
      },
    });
  }

  feed(chunk: Uint8Array): void {
    if (this.#isTar) {
      this.#tar.feed(chunk);
      return;
    }
    this.#pieces.push(chunk);
    this.#bytes += chunk.length;
    if (this.#isTar === undefined && this.#bytes >= headBytes) this.#decide();
    if (this.#bytes > maxFeedFileBytes)
      throw new FormatError('LIMIT_EXCEEDED', `longer than ${maxFeedFileBytes} bytes`);
  }

  end(): void {
    if (this.#isTar) this.#tar.end();
    else this.#onFile(new FeedFile(this.#name, joined(this.#pieces, this.#bytes)));
  }

  #decide(): void {
    const bytes = joined(this.#pieces, this.#bytes);
    this.#isTar = isTar(bytes);
    if (!this.#isTar) return;
    this.#tar.feed(bytes);
    this.#pieces = [];
    this.#bytes = 0;
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') && part !== '.');
}

function refuseBomb(unpacked: number, source: SourceFile): void {
  if (unpacked > Math.max(limits.unpackFloorBytes, source.sizeBytes * limits.unpackRatio)) {
    throw new FormatError('LIMIT_EXCEEDED', 'it unpacks to far more bytes than any honest archive');
  }
}

function about<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof FormatError) throw invalid(name, cause.message, cause);
    throw cause;
  }
}
