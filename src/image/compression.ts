import { createGunzip, type Gunzip } from 'node:zlib';
import { FormatError, limits, messageOf } from '../core/index.js';
import { type Compression, compressionOf, unpackZstd } from '../formats/index.js';

/** How a stream is compressed, and the same stream again from its start. */
export async function recognise(
  stored: AsyncIterable<Uint8Array>,
): Promise<{ readonly compression: Compression; readonly chunks: AsyncIterable<Uint8Array> }> {
  const iterator = stored[Symbol.asyncIterator]();
  const first = await iterator.next();
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (let step = first; !step.done; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { compression: first.done ? 'none' : compressionOf(first.value), chunks: chunks() };
}

/** What comes out of a compressed stream, in pieces of about half a megabyte that are valid until the next is asked for. */
export interface UnpackOptions {
  readonly compression: Compression;
  /** Uncompressed bytes beyond which reading stops. */
  readonly maxBytes: number;
  /** Uncompressed bytes beyond which the ratio counts, and the most that one stored byte may unpack to. */
  readonly floorBytes?: number | undefined;
  readonly ratio?: number | undefined;
}

/**
 * The uncompressed bytes of a stream. It takes each chunk only once it is done with the one before, so that chunks may
 * share a buffer.
 * @throws FormatError `INVALID`, `TRUNCATED`; `LIMIT_EXCEEDED` for a stream that unpacks to more than `maxBytes`, or to
 * an absurd multiple of its own size
 */
export async function* unpack(stored: AsyncIterable<Uint8Array>, options: UnpackOptions): AsyncGenerator<Uint8Array> {
  const meter = { in: 0, out: 0 };
  const counted = count(stored, meter);
  for await (const piece of unpackers[options.compression](counted)) {
    meter.out += piece.length;
    checkBounds(meter, options);
    yield piece;
  }
}

const unpackers = {
  none: (stored: AsyncIterable<Uint8Array>) => stored,
  gzip: gunzip,
  zstd: unpackZstd,
} as const;

async function* count(stored: AsyncIterable<Uint8Array>, meter: { in: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of stored) {
    meter.in += chunk.length;
    yield chunk;
  }
}

function checkBounds(meter: { readonly in: number; readonly out: number }, options: UnpackOptions): void {
  const { maxBytes, floorBytes = limits.unpackFloorBytes, ratio = limits.unpackRatio } = options;
  const byRatio = Math.max(floorBytes, meter.in * ratio);
  if (meter.out <= Math.min(maxBytes, byRatio)) return;
  const why =
    byRatio < maxBytes ? `${byRatio} bytes, far more than its own size lets expect` : `the allowed ${maxBytes} bytes`;
  throw new FormatError('LIMIT_EXCEEDED', `it unpacks to more than ${why}`);
}

/** Node's default of 16 KiB a piece takes twice the time. */
const pieceBytes = 1 << 19;

/**
 * Several members one after the other are one stream, as in every gunzip. Zero bytes may follow the last; anything else
 * is an error, which Node.js would pass over.
 */
async function* gunzip(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflater = createGunzip({ chunkSize: pieceBytes });
  inflater.on('error', () => {}); // thrown by the loop below; one that comes after the end has nobody else to tell
  const trailing = { bytes: 0, lastUsed: 0 };
  const feeding = feed(inflater, stored, trailing);
  feeding.catch((thrown: unknown) => inflater.destroy(thrown instanceof Error ? thrown : new Error(messageOf(thrown))));
  try {
    for await (const piece of inflater) yield piece as Uint8Array;
    await feeding;
    if (inflater.bytesWritten < trailing.lastUsed)
      throw new FormatError('INVALID', 'data after the end of the gzip stream');
  } catch (thrown) {
    throw asGzipError(thrown);
  } finally {
    inflater.destroy();
    await feeding.catch(() => {}); // reported above, or no longer of interest
  }
}

async function feed(
  inflater: Gunzip,
  stored: AsyncIterable<Uint8Array>,
  trailing: { bytes: number; lastUsed: number },
): Promise<void> {
  let release: (() => void) | undefined;
  inflater.once('end', () => release?.());
  inflater.once('close', () => release?.());
  for await (const chunk of stored) {
    let last = chunk.length;
    while (last > 0 && chunk[last - 1] === 0) last--;
    if (last > 0) trailing.lastUsed = trailing.bytes + last;
    trailing.bytes += chunk.length;
    if (inflater.readableEnded) continue;
    if (inflater.destroyed) return;
    await new Promise<void>((resolve) => {
      release = resolve;
      inflater.write(chunk, () => resolve());
    });
  }
  if (!inflater.destroyed) inflater.end();
}

function asGzipError(thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'Z_BUF_ERROR') return new FormatError('TRUNCATED', 'the gzip stream ends too early', { cause: thrown });
  if (typeof code !== 'string' || !code.startsWith('Z_')) return thrown;
  return new FormatError('INVALID', `a damaged gzip stream: ${messageOf(thrown)}`, { cause: thrown });
}
