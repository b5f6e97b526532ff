import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const lengthBytes = 4;
const bufferBytes = 256 * 1024;

/** Texts kept in a file until they are asked for by the place that `append` told. */
export class RecordSpool {
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(bufferBytes);
  #written = 0;
  #buffered = 0;

  /** Creates the file, which must not exist. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx+', 0o600);
  }

  append(text: string): number {
    const place = this.#written + this.#buffered;
    const bytes = Buffer.from(text, 'utf8');
    const header = Buffer.alloc(lengthBytes);
    header.writeUInt32LE(bytes.length);
    this.#add(header);
    this.#add(bytes);
    return place;
  }

  read(place: number): string {
    this.#flush();
    const header = this.#readExactly(place, lengthBytes);
    return this.#readExactly(place + lengthBytes, header.readUInt32LE()).toString('utf8');
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #add(bytes: Buffer): void {
    if (bytes.length > bufferBytes - this.#buffered) this.#flush();
    if (bytes.length > bufferBytes) {
      writeSync(this.#descriptor, bytes, 0, bytes.length, this.#written);
      this.#written += bytes.length;
      return;
    }
    this.#buffered += bytes.copy(this.#buffer, this.#buffered);
  }

  #flush(): void {
    if (this.#buffered === 0) return;
    writeSync(this.#descriptor, this.#buffer, 0, this.#buffered, this.#written);
    this.#written += this.#buffered;
    this.#buffered = 0;
  }

  #readExactly(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const got = readSync(this.#descriptor, bytes, done, length - done, position + done);
      if (got === 0) throw new Error('a temporary file became shorter while it was read');
      done += got;
    }
    return bytes;
  }
}
