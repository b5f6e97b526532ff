import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { FormatError, type RandomAccess } from '../core/index.js';
import { errorNumber } from './errors.js';

/** A file opened for reading; later renames and removals of its name do not matter. */
export class FileAccess implements RandomAccess {
  readonly size: number;
  readonly #descriptor: number;
  #open = true;

  /** Throws the file system's own error if it cannot be opened; a folder is refused. */
  constructor(path: string) {
    // Opening a pipe would wait for its writer, and nothing could end that.
    this.#descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const status = fstatSync(this.#descriptor);
    this.size = status.size;
    if (!status.isFile()) {
      this.close();
      throw new FormatError('INVALID', 'it is not a regular file');
    }
  }

  read(position: number, length: number): Uint8Array {
    if (position < 0 || position + length > this.size) {
      throw new FormatError('TRUNCATED', `bytes ${position} to ${position + length} are past the end of the file`);
    }
    // The number of a closed descriptor may already be another file's.
    if (!this.#open) throw new Error('the file was closed');
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const got = readSync(this.#descriptor, bytes, done, length - done, position + done);
      if (got === 0) throw new FormatError('TRUNCATED', 'the file became shorter while it was read');
      done += got;
    }
    return bytes;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
  }
}

/**
 * All bytes of a small file; `undefined` if it does not exist. Throws `FormatError` `LIMIT_EXCEEDED` past `maxBytes`, or
 * the file system's own error.
 */
export function readSmallFile(path: string, maxBytes: number): Uint8Array | undefined {
  let file: FileAccess;
  try {
    file = new FileAccess(path);
  } catch (cause) {
    if (errorNumber(cause) === 'ENOENT' || errorNumber(cause) === 'ENOTDIR') return undefined;
    throw cause;
  }
  try {
    if (file.size > maxBytes) throw new FormatError('LIMIT_EXCEEDED', `${path} is longer than ${maxBytes} bytes`);
    return file.read(0, file.size);
  } finally {
    file.close();
  }
}
