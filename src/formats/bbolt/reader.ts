import { FormatError, type RandomAccess } from '../../core/index.js';
import { bucketHeaderBytes, maxDepth, maxRunBytes, pageHeaderBytes, readUint64 } from './layout.js';
import { type Meta, readMeta } from './meta.js';
import { Node } from './node.js';

/** One element of a bucket. The bytes are views into a cached page: copy what is kept for long. */
export interface BoltEntry {
  readonly key: Uint8Array;
  /** Absent for a nested bucket. */
  readonly value: Uint8Array | undefined;
}

export interface BoltOptions {
  /** Bytes of pages kept in memory; 8 MiB unless told. */
  readonly cacheBytes?: number | undefined;
}

const defaultCacheBytes = 8 * 1024 * 1024;

/**
 * A bbolt database, read in place: pages are read when they are needed, and the most recent stay in memory. Nothing in
 * the file is trusted: page numbers, flags, offsets, order of keys, depth and cycles are checked on the way.
 */
export class BoltDatabase {
  readonly root: BoltBucket;
  readonly meta: Meta;

  /** @throws FormatError if it is no such database, or one that ends too early. */
  constructor(access: RandomAccess, options: BoltOptions = {}) {
    this.meta = readMeta(access);
    const pages = new Pages(access, this.meta, options.cacheBytes ?? defaultCacheBytes);
    this.root = new BoltBucket(pages, this.meta.root, undefined);
  }
}

/**
 * One bucket: look-ups and walks in byte order of the keys. Every member throws `FormatError` where the file is
 * damaged.
 */
export class BoltBucket {
  readonly #pages: Pages;
  readonly #page: number;
  readonly #inline: Node | undefined;

  constructor(pages: Pages, page: number, inline: Node | undefined) {
    this.#pages = pages;
    this.#page = page;
    this.#inline = inline;
  }

  /** The value of a key; nothing if there is none or if it is a nested bucket. */
  get(key: Uint8Array): Uint8Array | undefined {
    const node = this.#leafOf(key);
    const index = node.lowerBound(key);
    return node.hasKey(index, key) && !node.isBucket(index) ? node.value(index) : undefined;
  }

  /** The nested bucket of a key; nothing if there is none or if it is a plain value. */
  bucket(key: Uint8Array): BoltBucket | undefined {
    const node = this.#leafOf(key);
    const index = node.lowerBound(key);
    if (!node.hasKey(index, key) || !node.isBucket(index)) return undefined;
    return openNested(this.#pages, node.value(index), this.#page);
  }

  /** The elements from `from` on (the first one not below it), in byte order. */
  *entries(from?: Uint8Array): Generator<BoltEntry, void, undefined> {
    if (this.#inline) {
      yield* entriesOf(this.#inline, from);
      return;
    }
    let budget = this.#pages.count;
    const path: Step[] = [];
    let page: number | undefined = this.#page;
    let bound = from;
    while (page !== undefined) {
      const node: Node = this.#pages.node(page);
      // Pages that are reached twice, or runs that overlap, would make a small file an endless walk.
      budget -= this.#pages.pagesOf(node);
      if (budget < 0) throw new FormatError('INVALID', 'bbolt: a tree with more pages than the file');
      if (node.leaf) {
        yield* entriesOf(node, bound);
        bound = undefined;
        page = nextPage(path);
      } else {
        const index: number = bound ? node.childFor(bound) : 0;
        const child = node.child(index);
        push(path, { page, node, index }, child);
        page = child;
      }
    }
  }

  #leafOf(key: Uint8Array): Node {
    if (this.#inline) return this.#inline;
    let page = this.#page;
    for (let depth = 0; depth < maxDepth; depth++) {
      const node = this.#pages.node(page);
      if (node.leaf) return node;
      page = node.child(node.childFor(key));
    }
    throw tooDeep();
  }
}

interface Step {
  readonly page: number;
  readonly node: Node;
  index: number;
}

function push(path: Step[], step: Step, child: number): void {
  if (path.length >= maxDepth) throw tooDeep();
  if (child === step.page || path.some((above) => above.page === child)) {
    throw new FormatError('INVALID', `bbolt: page ${child} is its own ancestor`);
  }
  path.push(step);
}

/** The next leaf's topmost unread page, through the parents. */
function nextPage(path: Step[]): number | undefined {
  for (let step = path.at(-1); step; step = path.at(-1)) {
    step.index++;
    if (step.index < step.node.count) return step.node.child(step.index);
    path.pop();
  }
  return undefined;
}

function* entriesOf(node: Node, from: Uint8Array | undefined): Generator<BoltEntry, void, undefined> {
  for (let i = from ? node.lowerBound(from) : 0; i < node.count; i++) {
    yield { key: node.key(i), value: node.isBucket(i) ? undefined : node.value(i) };
  }
}

function openNested(pages: Pages, value: Uint8Array, parent: number): BoltBucket {
  if (value.length < bucketHeaderBytes) throw new FormatError('INVALID', `bbolt: a bucket cut short in page ${parent}`);
  const page = readUint64(new DataView(value.buffer, value.byteOffset, bucketHeaderBytes), 0);
  if (page !== 0) return new BoltBucket(pages, page, undefined);
  const image = value.subarray(bucketHeaderBytes);
  if (image.length < pageHeaderBytes) {
    throw new FormatError('INVALID', `bbolt: an inline bucket cut short in page ${parent}`);
  }
  const node = new Node(image, parent);
  if (!node.leaf) throw new FormatError('INVALID', `bbolt: an inline bucket in page ${parent} is no leaf`);
  return new BoltBucket(pages, 0, node);
}

function tooDeep(): FormatError {
  return new FormatError('INVALID', `bbolt: a tree deeper than ${maxDepth} levels`);
}

/** Checked pages by number, the least recently used dropped first. */
class Pages {
  readonly count: number;
  readonly #access: RandomAccess;
  readonly #pageSize: number;
  readonly #cacheBytes: number;
  readonly #cache = new Map<number, Node>();
  #cached = 0;

  constructor(access: RandomAccess, meta: Meta, cacheBytes: number) {
    this.count = meta.highWater;
    this.#access = access;
    this.#pageSize = meta.pageSize;
    this.#cacheBytes = cacheBytes;
  }

  node(page: number): Node {
    const known = this.#cache.get(page);
    if (known) {
      this.#cache.delete(page);
      this.#cache.set(page, known);
      return known;
    }
    const node = new Node(this.#read(page), page);
    this.#keep(page, node);
    return node;
  }

  pagesOf(node: Node): number {
    return node.bytes.length / this.#pageSize;
  }

  #read(page: number): Uint8Array {
    // Pages 0 and 1 are the meta pages and never part of a tree.
    if (page < 2 || page >= this.count) throw new FormatError('INVALID', `bbolt: page ${page} does not exist`);
    const first = this.#access.read(page * this.#pageSize, this.#pageSize);
    const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
    if (readUint64(view, 0) !== page) throw new FormatError('INVALID', `bbolt: page ${page} bears another number`);
    const pages = 1 + view.getUint32(12, true);
    if (pages === 1) return first;
    if (page + pages > this.count)
      throw new FormatError('INVALID', `bbolt: page ${page} runs past the end of the file`);
    if (pages * this.#pageSize > maxRunBytes) {
      throw new FormatError('LIMIT_EXCEEDED', `bbolt: page ${page} is longer than ${maxRunBytes} bytes`);
    }
    return this.#access.read(page * this.#pageSize, pages * this.#pageSize);
  }

  #keep(page: number, node: Node): void {
    if (node.bytes.length > this.#cacheBytes) return;
    this.#cache.set(page, node);
    this.#cached += node.bytes.length;
    for (const [oldest, old] of this.#cache) {
      if (this.#cached <= this.#cacheBytes) break;
      this.#cache.delete(oldest);
      this.#cached -= old.bytes.length;
    }
  }
}
