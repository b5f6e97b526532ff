import { FormatError } from '../../core/index.js';
import {
  branchPage,
  bucketElement,
  bucketHeaderBytes,
  compareBytes,
  defaultPageSize,
  elementBytes,
  fnv1a64,
  formatVersion,
  freelistPage,
  leafPage,
  magic,
  maxElements,
  maxKeyBytes,
  maxRunBytes,
  metaChecksumAt,
  metaChecksumFrom,
  metaPage,
  pageHeaderBytes,
} from './layout.js';

/** Where pages go: in rising order without gaps, but for the first three pages, which come last. */
export interface BoltSink {
  write(position: number, bytes: Uint8Array): void;
}

interface Element {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly bucket: boolean;
}

interface Child {
  readonly key: Uint8Array;
  readonly page: number;
}

const freelistAt = 2;
const firstTreePage = 3;

/**
 * Writes a bbolt database in one pass from sorted input; every page of it is reachable. Only the open leaf of each open
 * bucket and the first keys of its finished leaves are held in memory.
 */
export class BoltWriter {
  /** The top bucket: fill it in byte order of the keys, then call `finish`. */
  readonly root: BoltBucketWriter;
  readonly #pages: PageWriter;

  constructor(sink: BoltSink, options: { readonly pageSize?: number | undefined } = {}) {
    this.#pages = new PageWriter(sink, options.pageSize ?? defaultPageSize);
    this.root = new BoltBucketWriter(this.#pages);
  }

  /** Writes what is left and the meta pages. Returns the size of the file in bytes. */
  finish(): number {
    this.#pages.writeMetas(this.root.finishTree());
    return this.#pages.next * this.#pages.pageSize;
  }
}

/** One bucket while it is written. */
export class BoltBucketWriter {
  readonly #pages: PageWriter;
  readonly #children: Child[] = [];
  #pending: Element[] = [];
  #pendingBytes = pageHeaderBytes;
  #last: Uint8Array | undefined;
  #hasBuckets = false;

  constructor(pages: PageWriter) {
    this.#pages = pages;
  }

  /** @throws FormatError `INVALID` if the key is not above the one before it, or key or value have a forbidden size. */
  put(key: Uint8Array, value: Uint8Array): void {
    this.#add({ key, value, bucket: false });
  }

  /** Adds a nested bucket, which `fill` fills before it returns. */
  bucket(key: Uint8Array, fill: (bucket: BoltBucketWriter) => void): void {
    const nested = new BoltBucketWriter(this.#pages);
    fill(nested);
    this.#hasBuckets = true;
    this.#add({ key, value: nested.#headerValue(), bucket: true });
  }

  /** Writes all open pages and the branches above them; the number of the top page. */
  finishTree(): number {
    if (this.#pending.length > 0 || this.#children.length === 0) this.#flush();
    let level = this.#children;
    while (level.length > 1) level = this.#branchesOver(level);
    return level[0]?.page ?? 0;
  }

  #headerValue(): Uint8Array {
    const inline = this.#children.length === 0 && !this.#hasBuckets && this.#pendingBytes <= this.#pages.pageSize / 4;
    if (inline) {
      const value = new Uint8Array(bucketHeaderBytes + this.#pendingBytes);
      writeLeaf(value.subarray(bucketHeaderBytes), this.#pending);
      return value;
    }
    const value = new Uint8Array(bucketHeaderBytes);
    new DataView(value.buffer).setBigUint64(0, BigInt(this.finishTree()), true);
    return value;
  }

  #add(element: Element): void {
    const { key, value } = element;
    if (key.length === 0 || key.length > maxKeyBytes)
      throw new FormatError('INVALID', `bbolt: a key of ${key.length} bytes`);
    const size = elementBytes + key.length + value.length;
    // Half of what readers accept leaves room for the page's other elements.
    if (size > maxRunBytes / 2) throw new FormatError('LIMIT_EXCEEDED', `bbolt: a value of ${value.length} bytes`);
    if (this.#last && compareBytes(this.#last, key) >= 0) throw new FormatError('INVALID', 'bbolt: keys must rise');
    const full = this.#pendingBytes + size > this.#pages.pageSize || this.#pending.length >= maxElements;
    if (full && this.#pending.length > 0) this.#flush();
    this.#pending.push(element);
    this.#pendingBytes += size;
    this.#last = key;
  }

  #flush(): void {
    const page = this.#pages.node(this.#pendingBytes, (bytes) => writeLeaf(bytes, this.#pending));
    this.#children.push({ key: this.#pending[0]?.key ?? new Uint8Array(), page });
    this.#pending = [];
    this.#pendingBytes = pageHeaderBytes;
  }

  #branchesOver(level: readonly Child[]): Child[] {
    return groupChildren(level, this.#pages.pageSize).map((group) => {
      const size = group.reduce((sum, child) => sum + elementBytes + child.key.length, pageHeaderBytes);
      const page = this.#pages.node(size, (bytes) => writeBranch(bytes, group));
      return { key: group[0]?.key ?? new Uint8Array(), page };
    });
  }
}

/** Full branch pages, none with a single child. */
function groupChildren(level: readonly Child[], pageSize: number): readonly (readonly Child[])[] {
  const groups: Child[][] = [];
  let group: Child[] = [];
  let size = pageHeaderBytes;
  for (const child of level) {
    const added = elementBytes + child.key.length;
    if (group.length >= 2 && (size + added > pageSize || group.length >= maxElements)) {
      groups.push(group);
      group = [];
      size = pageHeaderBytes;
    }
    group.push(child);
    size += added;
  }
  groups.push(group);
  const before = groups.at(-2);
  if (group.length === 1 && before) {
    const moved = before.length > 2 ? before.pop() : undefined;
    if (moved) group.unshift(moved);
    else before.push(...(groups.pop() ?? []));
  }
  return groups;
}

function writeLeaf(bytes: Uint8Array, elements: readonly Element[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint16(8, leafPage, true);
  view.setUint16(10, elements.length, true);
  let data = pageHeaderBytes + elements.length * elementBytes;
  elements.forEach(({ key, value, bucket }, i) => {
    const at = pageHeaderBytes + i * elementBytes;
    view.setUint32(at, bucket ? bucketElement : 0, true);
    view.setUint32(at + 4, data - at, true);
    view.setUint32(at + 8, key.length, true);
    view.setUint32(at + 12, value.length, true);
    bytes.set(key, data);
    bytes.set(value, data + key.length);
    data += key.length + value.length;
  });
}

function writeBranch(bytes: Uint8Array, children: readonly Child[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint16(8, branchPage, true);
  view.setUint16(10, children.length, true);
  let data = pageHeaderBytes + children.length * elementBytes;
  children.forEach(({ key, page }, i) => {
    const at = pageHeaderBytes + i * elementBytes;
    view.setUint32(at, data - at, true);
    view.setUint32(at + 4, key.length, true);
    view.setBigUint64(at + 8, BigInt(page), true);
    bytes.set(key, data);
    data += key.length;
  });
}

/** Hands out page numbers and writes whole runs of pages. */
class PageWriter {
  readonly pageSize: number;
  next = firstTreePage;
  readonly #sink: BoltSink;

  constructor(sink: BoltSink, pageSize: number) {
    this.#sink = sink;
    this.pageSize = pageSize;
  }

  /** A branch or leaf of `size` bytes; `fill` writes everything but page number and overflow. */
  node(size: number, fill: (bytes: Uint8Array) => void): number {
    const pages = Math.ceil(size / this.pageSize);
    const bytes = new Uint8Array(pages * this.pageSize);
    fill(bytes);
    const page = this.next;
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(page), true);
    view.setUint32(12, pages - 1, true);
    this.#sink.write(page * this.pageSize, bytes);
    this.next += pages;
    return page;
  }

  writeMetas(root: number): void {
    this.#sink.write(0, this.#meta(0, root));
    this.#sink.write(this.pageSize, this.#meta(1, root));
    const freelist = new Uint8Array(this.pageSize);
    const view = new DataView(freelist.buffer);
    view.setBigUint64(0, BigInt(freelistAt), true);
    view.setUint16(8, freelistPage, true);
    this.#sink.write(freelistAt * this.pageSize, freelist);
  }

  /** Transaction numbers 0 and 1: each stands on the page that its number asks for. */
  #meta(page: 0 | 1, root: number): Uint8Array {
    const bytes = new Uint8Array(this.pageSize);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(page), true);
    view.setUint16(8, metaPage, true);
    view.setUint32(16, magic, true);
    view.setUint32(20, formatVersion, true);
    view.setUint32(24, this.pageSize, true);
    view.setBigUint64(32, BigInt(root), true);
    view.setBigUint64(48, BigInt(freelistAt), true);
    view.setBigUint64(56, BigInt(this.next), true);
    view.setBigUint64(64, BigInt(page), true);
    view.setBigUint64(metaChecksumAt, fnv1a64(bytes.subarray(metaChecksumFrom, metaChecksumAt)), true);
    return bytes;
  }
}
