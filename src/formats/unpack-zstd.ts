import { FormatError, messageOf } from '../core/index.js';
import { ZstdFrames } from './zstd-frames.js';

/**
 * The uncompressed bytes of a zstd stream of any number of frames, in pieces that are valid until the next is asked for.
 * What it takes is only read until the next chunk is asked for. Memory is bounded by the largest window that is allowed;
 * how much may come out is for the caller to bound.
 * @throws FormatError `INVALID`; `TRUNCATED` inside a frame; `LIMIT_EXCEEDED` for a frame that needs too much memory;
 * `UNSUPPORTED` for one that needs a dictionary
 */
export async function* unpackZstd(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  const frames = new ZstdFrames();
  let pieces: Uint8Array[] = [];
  const decompressor = new Decompress((piece) => {
    if (piece.length > 0) pieces.push(piece);
  });
  const push = (chunk: Uint8Array, isLast: boolean): Uint8Array[] => {
    pieces = [];
    try {
      decompressor.push(chunk, isLast);
    } catch (cause) {
      throw new FormatError('INVALID', `a damaged zstd stream: ${messageOf(cause)}`, { cause });
    }
    return pieces;
  };
  for await (const chunk of stored) {
    frames.feed(chunk);
    // The library keeps what it could not use yet, and the caller's chunk is only lent; little by little, because
    // a chunk of run-length blocks unpacks to forty thousand times its size.
    for (let at = 0; at < chunk.length; at += stepBytes) {
      yield* push(new Uint8Array(chunk.subarray(at, at + stepBytes)), false);
    }
  }
  frames.end();
  yield* push(new Uint8Array(), true);
}

const stepBytes = 1024;
