import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { type Context, FormatError, limits } from '../core/index.js';

/** How the bytes of a file are packed, told from its first bytes. */
export type Packing = 'gzip' | 'zstd' | 'none';

export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return 'none';
}

export interface UnpackOptions {
  readonly path: string;
  readonly packing: Packing;
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
    await pipeline(counted, unpacker(options.packing), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) take(chunk);
    });
  } catch (cause) {
    throw isPackingError(cause)
      ? new FormatError('INVALID', `its packing is damaged: ${cause.message}`, { cause })
      : cause;
  }
}

type Chunks = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

function unpacker(packing: Packing): Chunks | NodeJS.ReadWriteStream {
  if (packing === 'none') return (chunks) => chunks;
  if (packing === 'gzip') return zlib.createGunzip({ chunkSize: 256 * 1024 });
  return nativeZstd() ?? zstd;
}

/** Node.js knows zstd since 22.15. */
function nativeZstd(): NodeJS.ReadWriteStream | undefined {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  return typeof create === 'function' ? (create as () => NodeJS.ReadWriteStream)() : undefined;
}

async function* zstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { Decompress } = await import('fzstd');
  let ready: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => ready.push(chunk.slice()));
  const push = (chunk: Uint8Array, last: boolean): readonly Uint8Array[] => {
    ready = [];
    try {
      decoder.push(chunk, last);
    } catch (cause) {
      throw new FormatError('INVALID', 'its packing is damaged', { cause });
    }
    return ready;
  };
  // Unpacked output of one push stays small when little is pushed. A copy, because the decoder keeps what it could not
  // use yet, and the chunk is only lent.
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pushBytes) yield* push(chunk.slice(at, at + pushBytes), false);
  }
  yield* push(new Uint8Array(), true);
}

const pushBytes = 1024;

function isPackingError(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return false;
  return /^(?:Z_|ZSTD_|ERR_BUFFER_TOO_LARGE)/.test(thrown.code);
}
