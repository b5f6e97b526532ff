import type { CancelSignal, TidewaiterError } from '../core/index.js';
import type { ImageConfig } from '../oci/index.js';
import type { Digest, Platform } from '../reference/index.js';

/** One image of one platform, opened from wherever it lives. Its bytes are claims until they are read and hashed. */
export interface Image {
  readonly platform: Platform;
  /** Digest of the config blob, verified: the image id. */
  readonly imageId: Digest;
  /** Digest of the manifest, verified; absent where the medium has none (docker archives). */
  readonly manifestDigest?: Digest | undefined;
  readonly config: ImageConfig;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Bottom first. */
  readonly layers: readonly Layer[];
}

export interface Layer {
  /** Position from the bottom, 0 first. */
  readonly index: number;
  /** What the config claims the uncompressed bytes hash to. Only reading proves it. */
  readonly diffId: Digest;
  /** What the manifest claims the stored bytes hash to; absent where the medium claims nothing. */
  readonly digest?: Digest | undefined;
  /** Stored (compressed) bytes. */
  readonly sizeBytes: number;
  /** The history line that made this layer, where the config tells. */
  readonly createdBy?: string | undefined;
  /**
   * The stored bytes can only be had by their digest, and `open` checks it: it ends with an error when other bytes came.
   * So they are not hashed again, and what is known of the digest need not be proved by reading them.
   */
  readonly contentAddressed?: boolean | undefined;
  /** Where the stored bytes lie, when it is in a file: another thread can read them there. */
  readonly place?: BytePlace | undefined;
  /** The stored bytes, in order, in chunks of any size; a chunk is valid until the next is asked for. */
  open(signal: CancelSignal): AsyncIterable<Uint8Array>;
}

/** Bytes inside a file. Can be sent to another thread of this process. */
export interface BytePlace {
  /** An open descriptor that stays open as long as the image is, or a path. */
  readonly file: number | string;
  readonly position: number;
  readonly length: number;
}

/** What an image source found: an image a platform, and whatever it passed over, in words. */
export interface OpenedImages {
  readonly images: readonly Image[];
  /** Where every platform was asked for: those that cannot be read. */
  readonly unreadable?: readonly UnreadableImage[] | undefined;
  /** Sentences for the user: manifests that were skipped, a platform that is not this machine's. */
  readonly notices: readonly string[];
  /** Closes descriptors and removes spooled files; safe to call twice. */
  close(): Promise<void>;
}

/** An image of a platform that was asked for together with others, and cannot be read. */
export interface UnreadableImage {
  readonly platform: Platform;
  /** Why: an ImageError, or the error of the registry it should come from. */
  readonly error: TidewaiterError;
}
