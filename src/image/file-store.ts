import type { CancelSignal } from '../core/index.js';
import { ImageError } from './errors.js';
import type { BytePlace } from './image.js';

/** Named files that an image is made of: members of an archive, or files of a folder. */
export interface FileStore {
  /** `archive` or `folder`, for messages. */
  readonly noun: string;
  /** A regular file by its clean path; links inside the store are followed. */
  find(path: string): Promise<StoredFile | undefined>;
  /** Every file of this path, where a store can hold several of one name; in the store's order. */
  findAll(path: string): Promise<readonly StoredFile[]>;
  close(): Promise<void>;
}

export interface StoredFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Where its bytes lie, if in a file. */
  readonly place?: BytePlace | undefined;
  /** Its bytes in order; a chunk is valid until the next is asked for. */
  open(signal: CancelSignal): AsyncIterable<Uint8Array>;
}

/**
 * A whole file in memory.
 * @throws ImageError `LIMIT_EXCEEDED` when it has more than `maxBytes`
 */
export async function readWhole(file: StoredFile, maxBytes: number, signal: CancelSignal): Promise<Uint8Array> {
  if (file.sizeBytes > maxBytes) {
    throw new ImageError('LIMIT_EXCEEDED', `${file.path} has ${file.sizeBytes} bytes; at most ${maxBytes} are read`);
  }
  const whole = new Uint8Array(file.sizeBytes);
  let at = 0;
  for await (const chunk of file.open(signal)) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
