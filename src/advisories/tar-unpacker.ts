import { FormatError } from '../core/index.js';
import { type TarEntry, TarHeaders } from '../formats/index.js';

export interface TarUnpackerOptions {
  /** What to do with the content of an entry. */
  readonly wants: (entry: TarEntry) => 'skip' | 'collect' | 'stream';
  /** The whole content of a collected file. */
  readonly onCollected: (bytes: Uint8Array) => void;
  /** The next bytes of a streamed file, valid during the call. */
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly maxCollectedBytes: number;
}

const blockBytes = 512;
const maxEntries = 10_000;

/** Reads a tar stream as it comes and lets files of any size flow through, which are never in memory as a whole. */
export class TarUnpacker {
  readonly #options: TarUnpackerOptions;
  readonly #headers = new TarHeaders();
  #headerFilled = 0;
  #remaining = 0;
  #padding = 0;
  #take: ((bytes: Uint8Array) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #ended = false;
  #entries = 0;

  constructor(options: TarUnpackerOptions) {
    this.#options = options;
  }

  /** @throws FormatError if it is no tar archive, or holds what is longer than it may be. */
  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#ended; ) {
      if (this.#remaining > 0) at += this.#content(chunk.subarray(at, at + this.#remaining));
      else if (this.#padding > 0) at += this.#pad(chunk.length - at);
      else at += this.#header(chunk.subarray(at, at + blockBytes - this.#headerFilled));
    }
  }

  /** @throws FormatError `TRUNCATED` if the archive ended inside an entry. */
  end(): void {
    if (this.#remaining > 0 || this.#padding > 0 || this.#headerFilled > 0) {
      throw new FormatError('TRUNCATED', 'the tar archive ends inside an entry');
    }
  }

  #content(bytes: Uint8Array): number {
    this.#take?.(bytes);
    this.#remaining -= bytes.length;
    if (this.#remaining === 0) this.#onEnd?.();
    return bytes.length;
  }

  #pad(available: number): number {
    const skipped = Math.min(this.#padding, available);
    this.#padding -= skipped;
    return skipped;
  }

  #header(bytes: Uint8Array): number {
    this.#headers.block.set(bytes, this.#headerFilled);
    this.#headerFilled += bytes.length;
    if (this.#headerFilled < blockBytes) return bytes.length;
    this.#headerFilled = 0;
    const step = this.#headers.accept();
    if (step.is === 'end') this.#ended = true;
    else if (step.is === 'extension') this.#collect(step.bytes, (extension) => this.#headers.extend(extension));
    else if (step.is === 'entry') this.#entry(step.entry);
    return bytes.length;
  }

  #entry(entry: TarEntry): void {
    if (++this.#entries > maxEntries) throw new FormatError('LIMIT_EXCEEDED', 'too many entries in the tar archive');
    const wanted = this.#options.wants(entry);
    if (wanted !== 'skip' && entry.sparse) throw new FormatError('UNSUPPORTED', `${entry.path} is a sparse file`);
    if (wanted === 'collect') {
      if (entry.storedBytes > this.#options.maxCollectedBytes) {
        throw new FormatError('LIMIT_EXCEEDED', `${entry.path} has ${entry.storedBytes} bytes`);
      }
      this.#collect(entry.storedBytes, this.#options.onCollected);
      return;
    }
    this.#expect(entry.storedBytes, wanted === 'stream' ? this.#options.onBytes : undefined, undefined);
  }

  #collect(length: number, done: (bytes: Uint8Array) => void): void {
    const bytes = new Uint8Array(length);
    let filled = 0;
    const take = (part: Uint8Array): void => {
      bytes.set(part, filled);
      filled += part.length;
    };
    this.#expect(length, take, () => done(bytes));
  }

  #expect(length: number, take: ((bytes: Uint8Array) => void) | undefined, onEnd: (() => void) | undefined): void {
    this.#remaining = length;
    this.#padding = Math.ceil(length / blockBytes) * blockBytes - length;
    this.#take = take;
    this.#onEnd = onEnd;
    if (length === 0) onEnd?.();
  }
}
