import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Context } from '../core/index.js';
import { databaseFileName, metadataFileName } from './metadata.js';

/** A file with its hash. */
export interface PackedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

export interface PackJob {
  readonly databasePath: string;
  readonly databaseBytes: number;
  readonly metadata: Uint8Array;
  /** A file that does not exist yet. */
  readonly target: string;
}

const blockBytes = 512;

/**
 * Packs a database as registries hold it: a gzip-compressed tar of `metadata.json` and `trivy.db`. No names, times or
 * owners of this machine are in it: the same database gives the same bytes. Never more than a piece is in memory.
 */
export async function packDatabase(ctx: Context, job: PackJob): Promise<PackedFile> {
  const hash = createHash('sha256');
  const counter = { bytes: 0 };
  await pipeline(
    archive(ctx, job),
    createGzip({ chunkSize: 256 * 1024 }),
    (chunks: AsyncIterable<Uint8Array>) => counted(chunks, hash, counter),
    createWriteStream(job.target, { flags: 'wx', mode: 0o600 }),
  );
  return { path: job.target, sizeBytes: counter.bytes, hash: hash.digest('hex') };
}

/** Size and hash of a file that is packed already. */
export async function hashFile(ctx: Context, path: string): Promise<PackedFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    ctx.signal.throwIfAborted();
    const bytes = chunk as Uint8Array;
    hash.update(bytes);
    sizeBytes += bytes.length;
  }
  return { path, sizeBytes, hash: hash.digest('hex') };
}

async function* archive(ctx: Context, job: PackJob): AsyncGenerator<Uint8Array> {
  yield tarHeader(metadataFileName, job.metadata.length);
  yield job.metadata;
  yield padding(job.metadata.length);
  yield tarHeader(databaseFileName, job.databaseBytes);
  let done = 0;
  const input = createReadStream(job.databasePath, { highWaterMark: 1024 * 1024, end: job.databaseBytes - 1 });
  for await (const chunk of input) {
    ctx.signal.throwIfAborted();
    const bytes = chunk as Uint8Array;
    yield bytes;
    done += bytes.length;
    ctx.progress?.({ task: 'packing the database', done, total: job.databaseBytes, unit: 'bytes' });
  }
  if (done !== job.databaseBytes) throw new Error(`${job.databasePath} became shorter while it was read`);
  yield padding(done);
  yield new Uint8Array(2 * blockBytes);
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  counter: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    counter.bytes += chunk.length;
    yield chunk;
  }
}

/** A ustar header of a plain file. See pax in POSIX.1-2017. */
function tarHeader(name: string, sizeBytes: number): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  writeSize(block, sizeBytes);
  block.write('00000000000\0', 136, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Eleven octal digits hold less than 8 GiB; beyond, tar writes the number itself behind a set bit. */
function writeSize(block: Buffer, sizeBytes: number): void {
  if (sizeBytes < 8 * 1024 ** 3) {
    block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  block[124] = 0x80;
  block.writeBigUInt64BE(BigInt(sizeBytes), 128);
}

function padding(sizeBytes: number): Uint8Array {
  return new Uint8Array((blockBytes - (sizeBytes % blockBytes)) % blockBytes);
}
