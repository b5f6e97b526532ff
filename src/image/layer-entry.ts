/** One entry of a layer, its path made clean: relative to the image root, no `.`, `..` clamped at the root. */
export interface LayerEntry {
  /** For a whiteout the path that it removes; for an opaque whiteout the directory that it empties. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'device' | 'whiteout' | 'opaque';
  /** Symlink: the text as stored. Hard link: the clean path of the file it repeats. */
  readonly linkTarget?: string | undefined;
  /** Bytes of a regular file; 0 for everything else. */
  readonly sizeBytes: number;
  /** Permission bits, set-uid and the like included. */
  readonly mode: number;
}

/**
 * Told of everything in one layer, in the layer's order (hard links' bytes come last, from a second reading). Calls are
 * synchronous: bytes are valid during the call only. A path may come twice: the later one counts.
 */
export interface LayerVisitor {
  entry(entry: LayerEntry): void;
  /**
   * Asked after `entry`, for each regular file and each hard link: should its bytes be collected? The answer is how many
   * it may have, 0 for not at all.
   */
  wants(entry: LayerEntry): number;
  /** The bytes of a wanted file, or of a wanted hard link to a file of the same layer. */
  file(entry: LayerEntry, bytes: Uint8Array): void;
  /** A wanted file, or hard link to a file, that has more bytes than `wants` allowed. */
  tooLarge(entry: LayerEntry, allowedBytes: number): void;
  /** A wanted hard link to something that this layer does not hold as a regular file before it. */
  unresolved?(entry: LayerEntry): void;
}

/** What reading a layer proved. */
export interface LayerProof {
  /** Hash of the stored bytes. */
  readonly digest: string;
  /** Hash of the uncompressed bytes. */
  readonly diffId: string;
  /** Uncompressed (tar) bytes. */
  readonly uncompressedBytes: number;
  readonly compression: 'none' | 'gzip' | 'zstd';
}
