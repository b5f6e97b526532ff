const kinds = ['file', 'directory', 'symlink', 'hardlink', 'device', 'whiteout', 'opaque'] as const;

/** What lies at a path of a layer. For a whiteout the path is what it removes, for an opaque one what it empties. */
export type PathKind = (typeof kinds)[number];

/** One record of a listing while it is walked. The cursor and its bytes are reused: valid during the call only. */
export interface PathCursor {
  /** The path as UTF-8 in the first `length` bytes. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** How many leading bytes are those of the record before. */
  readonly shared: number;
  readonly kind: PathKind;
}

export interface ListedPath {
  readonly path: string;
  readonly kind: PathKind;
}

const firstChunkBytes = 4 * 1024;
const lastChunkBytes = 1024 * 1024;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Every path of a layer with its kind, in the layer's order: about a dozen bytes a path, and no string is kept. A record
 * is a number (bytes shared with the path before, times 8, plus the kind), a number (bytes that follow), those bytes;
 * numbers are little-endian groups of 7 bits.
 */
export class PathListing implements Iterable<ListedPath> {
  /** Whole records each; the last is filled up to `#used`. */
  readonly #chunks: Uint8Array[] = [];
  #used = 0;
  #count = 0;
  #previous: Uint8Array = new Uint8Array(256);
  #previousLength = 0;
  #scratch: Uint8Array = new Uint8Array(256);

  /** Reads what `toBytes` gave, without copying it; `undefined` for anything that is not whole and well formed. */
  static fromBytes(bytes: Uint8Array): PathListing | undefined {
    const reader = new Reader([bytes]);
    const listing = new PathListing();
    while (reader.next()) listing.#count += 1;
    if (reader.broken) return undefined;
    if (bytes.length === 0) return listing;
    listing.#chunks.push(bytes);
    listing.#used = bytes.length;
    listing.#previous = reader.bytes;
    listing.#previousLength = reader.length;
    return listing;
  }

  /** How many records. */
  get count(): number {
    return this.#count;
  }

  add(path: string, kind: PathKind): void {
    if (this.#scratch.length < path.length * 3) this.#scratch = new Uint8Array(path.length * 3);
    const length = encoder.encodeInto(path, this.#scratch).written;
    const shared = commonPrefix(this.#previous, this.#previousLength, this.#scratch, length);
    const chunk = this.#room(length - shared + 12);
    let at = writeNumber(chunk, this.#used, shared * 8 + kinds.indexOf(kind));
    at = writeNumber(chunk, at, length - shared);
    for (let i = shared; i < length; i++) chunk[at++] = this.#scratch[i] ?? 0;
    this.#used = at;
    [this.#previous, this.#scratch] = [this.#scratch, this.#previous];
    this.#previousLength = length;
    this.#count += 1;
  }

  /** Calls `visit` for each record, in order, without making strings. */
  walk(visit: (cursor: PathCursor) => void): void {
    const reader = new Reader(this.#filled());
    while (reader.next()) visit(reader);
  }

  *[Symbol.iterator](): Iterator<ListedPath> {
    const reader = new Reader(this.#filled());
    while (reader.next()) {
      yield { path: decoder.decode(reader.bytes.subarray(0, reader.length)), kind: reader.kind };
    }
  }

  /** The whole listing as one new array. */
  toBytes(): Uint8Array {
    const chunks = this.#filled();
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  #filled(): readonly Uint8Array[] {
    return this.#chunks.map((chunk, i) => (i === this.#chunks.length - 1 ? chunk.subarray(0, this.#used) : chunk));
  }

  /** The chunk to write to, with at least so many bytes free. */
  #room(bytes: number): Uint8Array {
    const last = this.#chunks.at(-1);
    if (last && last.length - this.#used >= bytes) return last;
    if (last) this.#chunks[this.#chunks.length - 1] = last.subarray(0, this.#used);
    const size = last ? Math.min(last.buffer.byteLength * 2, lastChunkBytes) : firstChunkBytes;
    const chunk = new Uint8Array(Math.max(size, bytes));
    this.#chunks.push(chunk);
    this.#used = 0;
    return chunk;
  }
}

/** Reads records one by one; the path's bytes stay in place from record to record. */
class Reader implements PathCursor {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;
  shared = 0;
  kind: PathKind = 'file';
  /** Something was not a record: there is nothing after it. */
  broken = false;
  readonly #chunks: readonly Uint8Array[];
  #chunk = 0;
  #at = 0;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  next(): boolean {
    if (this.broken) return false;
    let chunk = this.#chunks[this.#chunk];
    while (chunk && this.#at === chunk.length) {
      this.#at = 0;
      chunk = this.#chunks[++this.#chunk];
    }
    if (!chunk) return false;
    const head = this.#number(chunk);
    const added = this.#number(chunk);
    const kind = kinds[head & 7];
    const shared = head >>> 3;
    if (this.broken || !kind || shared > this.length || this.#at + added > chunk.length) {
      this.broken = true;
      return false;
    }
    if (shared + added > this.bytes.length) this.#grow(shared + added);
    for (let i = 0; i < added; i++) this.bytes[shared + i] = chunk[this.#at + i] ?? 0;
    this.#at += added;
    this.length = shared + added;
    this.shared = shared;
    this.kind = kind;
    return true;
  }

  #number(chunk: Uint8Array): number {
    let value = 0;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = chunk[this.#at++];
      if (byte === undefined) break;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    this.broken = true;
    return 0;
  }

  #grow(bytes: number): void {
    const grown = new Uint8Array(bytes * 2);
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

function commonPrefix(left: Uint8Array, leftLength: number, right: Uint8Array, rightLength: number): number {
  const end = Math.min(leftLength, rightLength);
  let at = 0;
  while (at < end && left[at] === right[at]) at++;
  return at;
}

/** Writes up to 28 bits and returns the position behind them. */
function writeNumber(into: Uint8Array, position: number, value: number): number {
  let at = position;
  let rest = value;
  while (rest > 127) {
    into[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  into[at++] = rest;
  return at;
}
