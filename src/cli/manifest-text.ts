import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Bytes of one input; past it the rest is not read. */
export const maxInputBytes = 4 * 1024 * 1024 * 1024;

const leastChunkBytes = 64 * 1024;
const mostChunkBytes = 1024 * 1024;

/**
 * Turns bytes that come in pieces into text: UTF-8, or UTF-16 where a byte order mark or the zeros of the first characters
 * tell so. A byte order mark stays in the text.
 */
export class TextReader {
  /** Known with the first bytes. */
  encoding: TextEncoding = 'utf-8';
  /** Some bytes so far were no text; each became U+FFFD. */
  hasWrongBytes = false;
  readonly #isUtf8Only: boolean;
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  #first = true;

  constructor(isUtf8Only = false) {
    this.#isUtf8Only = isUtf8Only;
  }

  read(bytes: Uint8Array): string {
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#first) {
      if (all.length < 4) {
        this.#rest = Uint8Array.from(all);
        return '';
      }
      this.#begin(all);
    }
    if (this.encoding !== 'utf-8') {
      this.#rest = new Uint8Array(0);
      return this.#decode(all, true);
    }
    const whole = wholeCharacters(all);
    this.#rest = Uint8Array.from(all.subarray(whole));
    all = all.subarray(0, whole);
    if (!isUtf8(all)) this.hasWrongBytes = true;
    return this.#decode(all, true);
  }

  finish(): string {
    const rest = this.#rest;
    if (this.#first) this.#begin(rest);
    this.#rest = new Uint8Array(0);
    if (this.encoding === 'utf-8' && !isUtf8(rest)) this.hasWrongBytes = true;
    return this.#decode(rest, false);
  }

  #begin(bytes: Uint8Array): void {
    this.#first = false;
    const [a, b] = bytes;
    if (this.#isUtf8Only || bytes.length < 2) this.encoding = 'utf-8';
    else if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0)) this.encoding = 'utf-16le';
    else if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0)) this.encoding = 'utf-16be';
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    // Cut at whole characters: a decoder would have nothing to remember, and is slow to make.
    if (this.encoding === 'utf-8') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    this.#decoder ??= new TextDecoder(this.encoding, { ignoreBOM: true });
    const text = this.#decoder.decode(bytes, { stream });
    if (text.includes('\ufffd')) this.hasWrongBytes = true;
    return text;
  }
}

/** How many bytes belong to characters that are there as a whole. */
function wholeCharacters(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? length - back : length;
  }
  return length;
}

/** The bytes of a text in the encoding that it came in. */
export function encodeText(text: string, encoding: TextEncoding): Uint8Array {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

/**
 * Reads files piece by piece, into one buffer for all of them: a piece is only good until the next is asked for. Files are
 * read without waiting for each other, because most are so small that waiting would cost more than reading.
 */
export class FileReader {
  #buffer = Buffer.allocUnsafe(leastChunkBytes);

  /** @throws what the system says, if it cannot be opened or read. */
  *pieces(path: string): Iterable<Uint8Array> {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      // Large documents are put together of few pieces.
      if (size > leastChunkBytes && this.#buffer.length < mostChunkBytes) {
        this.#buffer = Buffer.allocUnsafe(mostChunkBytes);
      }
      const buffer = this.#buffer;
      for (;;) {
        const read = readSync(file, buffer, 0, buffer.length, null);
        if (read === 0) return;
        yield buffer.subarray(0, read);
        // A file that has been read to its size needs no further question.
        if (read === size && read < buffer.length) return;
      }
    } finally {
      closeSync(file);
    }
  }
}
