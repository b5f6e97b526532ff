import { FormatError } from '../core/index.js';

/** What a frame may make its reader remember; the reference implementation's own default. */
const maxWindowBytes = 128 * 1024 * 1024;
const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

type Expecting = 'magic' | 'skippable size' | 'frame header' | 'block header';

/**
 * Walks a zstd stream from frame to frame and block to block without unpacking anything, ahead of the decompressor: it
 * refuses frames that would need too much memory, and knows whether the stream ends where a frame does.
 * https://datatracker.ietf.org/doc/html/rfc8878#section-3
 */
export class ZstdFrames {
  readonly #held = new Uint8Array(18);
  #filled = 0;
  #needed = 4;
  #expecting: Expecting = 'magic';
  #skip = 0;
  #lastBlock = false;
  #checksumBytes = 0;

  /** @throws FormatError `INVALID`, `LIMIT_EXCEEDED` */
  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      const taken = Math.min(this.#needed - this.#filled, chunk.length - at);
      this.#held.set(chunk.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === this.#needed) this.#advance();
    }
  }

  /** @throws FormatError `TRUNCATED` when the stream ends inside a frame */
  end(): void {
    if (this.#skip > 0 || this.#filled > 0 || this.#expecting !== 'magic') {
      throw new FormatError('TRUNCATED', 'the zstd stream ends inside a frame');
    }
  }

  #advance(): void {
    switch (this.#expecting) {
      case 'magic':
        return this.#magic();
      case 'skippable size':
        this.#skip = this.#littleEndian(4, 4);
        return this.#expect('magic', 4);
      case 'frame header':
        return this.#frameHeader();
      case 'block header':
        return this.#blockHeader();
    }
  }

  #magic(): void {
    const magic = this.#littleEndian(0, 4);
    if (magic === frameMagic) this.#more('frame header', 5);
    else if ((magic & 0xfffffff0) >>> 0 === skippableMagic) this.#more('skippable size', 8);
    else throw new FormatError('INVALID', 'not a zstd frame, or data after the last one');
  }

  #frameHeader(): void {
    const flags = this.#held[4] ?? 0;
    const isSingle = (flags & 0x20) !== 0;
    const sizeFlag = flags >> 6;
    const sizeBytes = sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
    const length = 5 + Number(!isSingle) + dictionaryBytes + sizeBytes;
    if (this.#needed < length) return this.#more('frame header', length);
    if (flags & 0x08) throw new FormatError('INVALID', 'a zstd frame with a reserved bit set');
    if (dictionaryBytes > 0 && this.#littleEndian(length - sizeBytes - dictionaryBytes, dictionaryBytes) !== 0) {
      throw new FormatError('UNSUPPORTED', 'a zstd frame that needs a dictionary');
    }
    const windowBytes = isSingle ? this.#littleEndian(length - sizeBytes, sizeBytes) : windowOf(this.#held[5] ?? 0);
    if (windowBytes > maxWindowBytes) {
      throw new FormatError(
        'LIMIT_EXCEEDED',
        `a zstd frame with a window of ${windowBytes} bytes; at most ${maxWindowBytes} are allowed`,
      );
    }
    this.#checksumBytes = flags & 0x04 ? 4 : 0;
    this.#expect('block header', 3);
  }

  #blockHeader(): void {
    const header = this.#littleEndian(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3) throw new FormatError('INVALID', 'a zstd block of a reserved type');
    this.#lastBlock = (header & 1) === 1;
    this.#skip = (type === 1 ? 1 : header >> 3) + (this.#lastBlock ? this.#checksumBytes : 0);
    if (this.#lastBlock) this.#expect('magic', 4);
    else this.#expect('block header', 3);
  }

  #expect(what: Expecting, bytes: number): void {
    this.#expecting = what;
    this.#filled = 0;
    this.#needed = bytes;
  }

  /** As `expect`, keeping what was read so far. */
  #more(what: Expecting, bytes: number): void {
    this.#expecting = what;
    this.#needed = bytes;
  }

  #littleEndian(at: number, length: number): number {
    let value = 0;
    for (let i = at + length - 1; i >= at; i--) value = value * 256 + (this.#held[i] ?? 0);
    return value;
  }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
