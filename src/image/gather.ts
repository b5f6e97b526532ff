import { readBytes } from './file-range.js';

/**
 * Pieces of any size as chunks of about half a megabyte, each valid until the next is asked for. Those that are as large
 * already go by as they are.
 */
export async function* gather(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffer: Uint8Array | undefined;
  let filled = 0;
  for await (const piece of pieces) {
    if (filled === 0 && piece.length >= readBytes) {
      yield piece;
      continue;
    }
    let at = 0;
    while (at < piece.length) {
      buffer ??= new Uint8Array(readBytes);
      const count = Math.min(piece.length - at, buffer.length - filled);
      buffer.set(piece.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < buffer.length) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (buffer && filled > 0) yield buffer.subarray(0, filled);
}
