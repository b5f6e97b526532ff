import type { FileHandle } from 'node:fs/promises';
import { type CancelSignal, FormatError } from '../core/index.js';

/** Bytes in one read: enough that calls cost nothing beside hashing, little enough to stay in a processor's cache. */
export const readBytes = 1 << 19;

/**
 * `length` bytes of an open file from `position`, in chunks that are valid until the next is asked for. One read is
 * always on its way while the caller works on the chunk before it; two buffers serve the whole range.
 * @throws FormatError `TRUNCATED` when the file ends before the range does
 */
export async function* readRange(
  handle: FileHandle,
  position: number,
  length: number,
  signal: CancelSignal,
): AsyncGenerator<Uint8Array> {
  const first = new Uint8Array(Math.min(readBytes, length));
  const second = length > readBytes ? new Uint8Array(Math.min(readBytes, length - readBytes)) : first;
  const end = position + length;
  const start = (at: number, turn: number) => {
    const buffer = turn % 2 === 0 ? first : second;
    const reading = handle.read(buffer, 0, Math.min(buffer.length, end - at), at);
    reading.catch(() => {}); // awaited below; a caller that stops early must not leave a rejection behind
    return reading;
  };
  let turn = 0;
  let next = length > 0 ? start(position, turn) : undefined;
  for (let at = position; next; turn++) {
    const { bytesRead, buffer } = await next;
    signal.throwIfAborted();
    if (bytesRead === 0) throw new FormatError('TRUNCATED', 'the file ends too early');
    at += bytesRead;
    next = at < end ? start(at, turn + 1) : undefined;
    yield buffer.subarray(0, bytesRead);
  }
}
