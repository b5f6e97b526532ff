import type { PathCursor, PathListing } from './path-listing.js';

/** What lies at one path, and below it. */
interface Place<Item> {
  items: Item[] | undefined;
  children: Map<string, Place<Item>> | undefined;
}

const slash = 47;

/**
 * Things that lie at paths of a merged tree. Layers are laid over each other from the bottom: first `cover` hides what
 * the new layer's entries hide, then its own things are `put` in. Only places that hold something are kept, so that the
 * size of layers does not matter.
 *
 * The rules of overlay file systems: anything that is no directory hides all that lay at and below its path; a directory
 * hides what was no directory; an entry below a path makes that path a directory; a whiteout removes, an opaque whiteout
 * empties, what lower layers had.
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export class Overlay<Item> {
  readonly #root: Place<Item> = { items: undefined, children: undefined };

  /** Adds something at a clean path of the layer on top. */
  put(path: string, item: Item): void {
    let place = this.#root;
    for (const name of path.split('/')) {
      place.children ??= new Map();
      let child = place.children.get(name);
      if (!child) {
        child = { items: undefined, children: undefined };
        place.children.set(name, child);
      }
      place = child;
    }
    place.items ??= [];
    place.items.push(item);
  }

  /** Hides what a layer's entries hide of everything that was put so far. */
  cover(paths: PathListing): void {
    if (!this.#root.children) return;
    const trail = new Trail(this.#root);
    paths.walk((cursor) => trail.follow(cursor));
  }

  /** Everything that is still there, folder by folder, in the order in which it was put. */
  *visible(): Generator<Item> {
    const waiting: Place<Item>[] = [this.#root];
    for (let place = waiting.pop(); place; place = waiting.pop()) {
      yield* place.items ?? [];
      if (place.children) for (const child of [...place.children.values()].reverse()) waiting.push(child);
    }
  }
}

/**
 * Walks the tree along a listing. Paths come sorted more or less, so most of one path's way is the way of the path
 * before; and most paths leave the tree after a part or two, where nothing more need be read.
 */
class Trail<Item> {
  readonly #root: Place<Item>;
  /** For each part of the current path: where it ends, and its place; `undefined` outside of the tree. */
  readonly #ends: number[] = [];
  readonly #places: (Place<Item> | undefined)[] = [];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(root: Place<Item>) {
    this.#root = root;
  }

  follow({ bytes, length, shared, kind }: PathCursor): void {
    this.#backUp(bytes, length, shared);
    let start = this.#ends.length === 0 ? 0 : (this.#ends.at(-1) ?? 0) + 1;
    let place = this.#ends.length === 0 ? this.#root : this.#places.at(-1);
    while (place && start < length) {
      const found = bytes.indexOf(slash, start);
      const end = found < 0 || found > length ? length : found;
      // What has something below it is a directory.
      if (place !== this.#root) place.items = undefined;
      const children: Map<string, Place<Item>> | undefined = place.children;
      place =
        children && children.size > 0 ? children.get(this.#decoder.decode(bytes.subarray(start, end))) : undefined;
      this.#ends.push(end);
      this.#places.push(place);
      start = end + 1;
    }
    // The walk stopped outside of the tree, or the path is done.
    if (!place || start < length) return;
    if (kind === 'directory') place.items = undefined;
    else {
      place.items = undefined;
      place.children = undefined;
    }
  }

  /** Leaves the parts that the new path does not share. */
  #backUp(bytes: Uint8Array, length: number, shared: number): void {
    for (let end = this.#ends.at(-1); end !== undefined; end = this.#ends.at(-1)) {
      const stays = end <= shared && end <= length && (end === length || bytes[end] === slash);
      if (stays) return;
      this.#ends.pop();
      this.#places.pop();
    }
  }
}
