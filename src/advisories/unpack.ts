import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Context, FormatError, limits } from '../core/index.js';
import { type Compression, unpackZstd } from '../formats/index.js';

/** Do a file's first 512 bytes begin a tar archive? */
export function isTar(head: Uint8Array): boolean {
  return head.length >= 512 && new TextDecoder().decode(head.subarray(257, 262)) === 'ustar';
}

export interface UnpackOptions {
  readonly path: string;
  readonly compression: Compression;
  readonly sizeBytes: number;
  /** Told of the packed bytes read so far. */
  readonly onRead?: ((bytes: number) => void) | undefined;
  /** Gets the unpacked bytes in order. */
  readonly onChunk: (chunk: Uint8Array) => void;
}

/**
 * Reads and unpacks a file from its first to its last byte, in bounded memory.
 * @throws FormatError for broken packing, and `LIMIT_EXCEEDED` where it unpacks to far more than any honest file.
 */
export async function unpackFile(ctx: Context, options: UnpackOptions): Promise<void> {
  const mostBytes = Math.max(limits.unpackFloorBytes, options.sizeBytes * limits.unpackRatio);
  let unpacked = 0;
  const take = (chunk: Uint8Array): void => {
    ctx.signal.throwIfAborted();
    unpacked += chunk.length;
    if (unpacked > mostBytes) throw new FormatError('LIMIT_EXCEEDED', `it unpacks to more than ${mostBytes} bytes`);
    options.onChunk(chunk);
  };
  const input = createReadStream(options.path, { highWaterMark: 1024 * 1024 });
  // A listener for 'data' would set the stream flowing before the pipeline takes it up, and lose its first bytes.
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of input) {
      options.onRead?.(input.bytesRead);
      yield chunk as Uint8Array;
    }
  };
  try {
    await pipeline(counted, unpacker(options.compression), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) take(chunk);
    });
  } catch (cause) {
    throw isPackingError(cause)
      ? new FormatError('INVALID', `its packing is damaged: ${cause.message}`, { cause })
      : cause;
  }
}

type Chunks = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

function unpacker(compression: Compression): Chunks | NodeJS.ReadWriteStream {
  if (compression === 'none') return (chunks) => chunks;
  if (compression === 'gzip') return createGunzip({ chunkSize: 256 * 1024 });
  return zstd;
}

// Not the zstd of newer versions of Node.js, which drops every frame but the first of a chunk:
// https://github.com/nodejs/node/issues/64741
async function* zstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  // Whoever is told of a chunk may keep it.
  for await (const piece of unpackZstd(chunks)) yield piece.slice();
}

function isPackingError(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return false;
  return /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(thrown.code);
}
