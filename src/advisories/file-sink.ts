import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import type { BoltSink } from '../formats/index.js';

const bufferBytes = 1024 * 1024;

/** A new file, written at rising positions with few system calls. */
export class FileSink implements BoltSink {
  readonly #descriptor: number;
  readonly #buffer = new Uint8Array(bufferBytes);
  #start = 0;
  #filled = 0;

  /** Creates the file, which must not exist. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx', 0o644);
  }

  write(position: number, bytes: Uint8Array): void {
    if (position !== this.#start + this.#filled || bytes.length > bufferBytes - this.#filled) {
      this.#flush();
      this.#start = position;
    }
    if (bytes.length > bufferBytes) {
      this.#writeAll(bytes, position);
      this.#start = position + bytes.length;
      return;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Everything is on the disk when this returns. */
  finish(): void {
    this.#flush();
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#filled), this.#start);
    this.#start += this.#filled;
    this.#filled = 0;
  }

  #writeAll(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
    }
  }
}

/** Writes a new file, on the disk when this returns; one that cannot be written whole is removed. */
export function writeWholeFile(path: string, bytes: Uint8Array): void {
  const sink = new FileSink(path);
  try {
    sink.write(0, bytes);
    sink.finish();
  } catch (cause) {
    rmSync(path, { force: true });
    throw cause;
  } finally {
    sink.close();
  }
}
