import { FormatError, limits } from '../core/index.js';
import { type TarEntry, TarHeaders } from './tar-entry.js';
import { tarBlockBytes } from './tar-header.js';
import { expandSparse } from './tar-sparse.js';

/** Told of the entries of a tar stream, in order. Calls are synchronous: bytes are valid during the call only. */
export interface TarHandler {
  /** Each entry. For a regular file the answer is how many of its bytes may be collected at most; 0: not wanted. */
  entry(entry: TarEntry): number;
  /** The whole content of a wanted file, holes filled. */
  file(entry: TarEntry, bytes: Uint8Array): void;
  /** A wanted file that has more bytes than `entry` allowed. */
  tooLarge(entry: TarEntry, allowedBytes: number): void;
}

/** A file whose bytes are being gathered over several chunks. */
interface Gathering {
  readonly entry: TarEntry | undefined;
  readonly bytes: Uint8Array;
  filled: number;
}

const noBytes = new Uint8Array();

/**
 * Reads a tar stream as it comes, in chunks of any size. Data that nobody wants is skipped by counting; a wanted file
 * that lies in one chunk is handed on without a copy.
 */
export class TarParser {
  readonly #handler: TarHandler;
  readonly #maxEntries: number;
  readonly #headers = new TarHeaders();
  #headerFilled = 0;
  #skip = 0;
  #gathering: Gathering | undefined;
  #ended = false;
  #entries = 0;
  #path = '';

  constructor(handler: TarHandler, options: { readonly maxEntries?: number | undefined } = {}) {
    this.#handler = handler;
    this.#maxEntries = options.maxEntries ?? limits.layerEntries;
  }

  /** Entries so far. */
  get entries(): number {
    return this.#entries;
  }

  /**
   * The next bytes of the stream, which are not kept after the call.
   * @throws FormatError `INVALID`, `UNSUPPORTED`, `LIMIT_EXCEEDED`; what the handler throws
   */
  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else if (this.#gathering) at = this.#gather(this.#gathering, chunk, at);
      else if (this.#ended) return checkPadding(chunk, at);
      else at = this.#header(chunk, at);
    }
  }

  /**
   * The stream is over. An archive that ends between two entries without its two zero blocks is whole.
   * @throws FormatError `TRUNCATED`
   */
  end(): void {
    if (this.#headerFilled > 0 || this.#skip > 0 || this.#gathering) {
      const where = this.#entries > 0 ? `in or after "${this.#path}"` : 'in its first header';
      throw new FormatError('TRUNCATED', `the tar archive ends ${where}`);
    }
  }

  #header(chunk: Uint8Array, from: number): number {
    const taken = Math.min(tarBlockBytes - this.#headerFilled, chunk.length - from);
    this.#headers.block.set(chunk.subarray(from, from + taken), this.#headerFilled);
    this.#headerFilled += taken;
    if (this.#headerFilled < tarBlockBytes) return from + taken;
    this.#headerFilled = 0;
    const step = this.#headers.accept();
    if (step.is === 'entry') return this.#entry(step.entry, chunk, from + taken);
    if (step.is === 'extension') this.#gatherLater(undefined, step.bytes);
    else if (step.is === 'end') this.#ended = true;
    return from + taken;
  }

  #entry(entry: TarEntry, chunk: Uint8Array, from: number): number {
    if (++this.#entries > this.#maxEntries) {
      throw new FormatError('LIMIT_EXCEEDED', `a tar archive of more than ${this.#maxEntries} entries`);
    }
    this.#path = entry.path;
    const allowed = this.#handler.entry(entry);
    const padded = paddedBytes(entry.storedBytes);
    if (allowed <= 0 || entry.type !== 'file') {
      this.#skip = padded;
      return from;
    }
    if (entry.sizeBytes > allowed || entry.storedBytes > allowed + limits.tarExtensionBytes) {
      this.#handler.tooLarge(entry, allowed);
      this.#skip = padded;
      return from;
    }
    if (entry.storedBytes > chunk.length - from) {
      this.#gatherLater(entry, entry.storedBytes);
      return from;
    }
    this.#deliver(entry, chunk.subarray(from, from + entry.storedBytes));
    this.#skip = padded;
    return from;
  }

  #gatherLater(entry: TarEntry | undefined, bytes: number): void {
    if (bytes === 0) this.#deliver(entry, noBytes);
    else this.#gathering = { entry, bytes: new Uint8Array(bytes), filled: 0 };
  }

  #gather(open: Gathering, chunk: Uint8Array, from: number): number {
    const taken = Math.min(open.bytes.length - open.filled, chunk.length - from);
    open.bytes.set(chunk.subarray(from, from + taken), open.filled);
    open.filled += taken;
    if (open.filled === open.bytes.length) {
      this.#gathering = undefined;
      this.#skip = paddedBytes(open.filled) - open.filled;
      this.#deliver(open.entry, open.bytes);
    }
    return from + taken;
  }

  #deliver(entry: TarEntry | undefined, bytes: Uint8Array): void {
    if (!entry) this.#headers.extend(bytes);
    else this.#handler.file(entry, entry.sparse ? expandSparse(bytes, entry.sparse, entry.sizeBytes) : bytes);
  }
}

/** Data in a tar archive fills whole blocks. */
export function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / tarBlockBytes) * tarBlockBytes;
}

function checkPadding(chunk: Uint8Array, from: number): void {
  for (let i = from; i < chunk.length; i++) {
    if (chunk[i] !== 0) throw new FormatError('INVALID', 'data after the end of the tar archive');
  }
}
