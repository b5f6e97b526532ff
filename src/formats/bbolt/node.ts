import { FormatError } from '../../core/index.js';
import { branchPage, compareBytes, elementBytes, leafPage, pageHeaderBytes, readUint64 } from './layout.js';

/**
 * One branch or leaf page with its overflow pages, or the page image of an inline bucket. All offsets are checked
 * when it is made, so that the accessors cannot leave the bytes.
 */
export class Node {
  readonly leaf: boolean;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #page: number;

  /** @throws FormatError `INVALID` if a flag, an offset or the order of the keys is wrong. */
  constructor(bytes: Uint8Array, page: number) {
    this.bytes = bytes;
    this.#page = page;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const flags = this.#view.getUint16(8, true);
    if (flags !== branchPage && flags !== leafPage) throw this.#damaged(`unexpected page flags ${flags}`);
    this.leaf = flags === leafPage;
    this.count = this.#view.getUint16(10, true);
    this.#check();
  }

  key(index: number): Uint8Array {
    const start = this.#keyStart(index);
    return this.bytes.subarray(start, start + this.#keyLength(index));
  }

  /** Is the element a bucket? Leaves only. */
  isBucket(index: number): boolean {
    return (this.#view.getUint32(at(index), true) & 1) === 1;
  }

  /** Leaves only. */
  value(index: number): Uint8Array {
    const start = this.#keyStart(index) + this.#keyLength(index);
    return this.bytes.subarray(start, start + this.#view.getUint32(at(index) + 12, true));
  }

  /** Page number of a child. Branches only. */
  child(index: number): number {
    return readUint64(this.#view, at(index) + 8);
  }

  /** Index of the first element whose key is not below `key`; `count` if there is none. */
  lowerBound(key: Uint8Array): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compareKey(middle, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Does the element have exactly this key? */
  hasKey(index: number, key: Uint8Array): boolean {
    return index < this.count && this.#compareKey(index, key) === 0;
  }

  /** Index of the child whose subtree would hold `key`. */
  childFor(key: Uint8Array): number {
    const index = this.lowerBound(key);
    return this.hasKey(index, key) ? index : Math.max(0, index - 1);
  }

  #compareKey(index: number, key: Uint8Array): number {
    const { bytes } = this;
    const start = this.#keyStart(index);
    const length = this.#keyLength(index);
    const common = Math.min(length, key.length);
    for (let i = 0; i < common; i++) {
      const difference = (bytes[start + i] ?? 0) - (key[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return length - key.length;
  }

  #keyStart(index: number): number {
    return at(index) + this.#view.getUint32(at(index) + (this.leaf ? 4 : 0), true);
  }

  #keyLength(index: number): number {
    return this.#view.getUint32(at(index) + (this.leaf ? 8 : 4), true);
  }

  #check(): void {
    const dataFrom = at(this.count);
    if (dataFrom > this.bytes.length) throw this.#damaged(`${this.count} elements do not fit`);
    if (!this.leaf && this.count === 0) throw this.#damaged('a branch without children');
    let free = dataFrom;
    for (let i = 0; i < this.count; i++) {
      const start = this.#keyStart(i);
      const end = start + this.#keyLength(i) + (this.leaf ? this.#view.getUint32(at(i) + 12, true) : 0);
      // Elements lie one behind the other; if they could overlap, a page could hold far more than its bytes.
      if (start < free || end > this.bytes.length) throw this.#damaged(`element ${i} points outside its place`);
      free = end;
      if (this.leaf && this.#keyLength(i) === 0) throw this.#damaged(`element ${i} has an empty key`);
      if (this.leaf && this.#view.getUint32(at(i), true) > 1) throw this.#damaged(`element ${i} has unknown flags`);
      if (i > 0 && compareBytes(this.key(i - 1), this.key(i)) >= 0) throw this.#damaged('keys out of order');
    }
  }

  #damaged(what: string): FormatError {
    return new FormatError('INVALID', `bbolt: page ${this.#page} is damaged: ${what}`);
  }
}

function at(index: number): number {
  return pageHeaderBytes + index * elementBytes;
}
