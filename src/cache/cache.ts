/** Bytes by key, for things that can be made again: any of them may be gone at any time. */
export interface Cache {
  /** What was put under this key last, if it is still there and whole. */
  get(key: string): Uint8Array | undefined;
  /** Keeps a copy, if it can; never throws and never says that it could not, but in the log. */
  put(key: string, bytes: Uint8Array): void;
  /** Removes everything; returns how many bytes were freed. */
  clear(): number;
  /** Bytes on disk. */
  sizeBytes(): number;
}

export interface CacheOptions {
  /** The folder, for this cache alone; it is made when something is first put. */
  readonly dir: string;
  /** About how much it may grow to; the oldest goes first. */
  readonly maxBytes: number;
  /** About how many entries; default: as many as fit. */
  readonly maxEntries?: number | undefined;
  /** Told, once, why nothing can be kept. */
  readonly log?: ((level: 'debug', message: string) => void) | undefined;
}

/** A cache that keeps nothing. */
export function noCache(): Cache {
  return { get: () => undefined, put() {}, clear: () => 0, sizeBytes: () => 0 };
}
