const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Every bound on foreign input, in one place. Past a bound is an error or an unknown, never a silent cut. */
export const limits = {
  /** One JSON document of an image: manifest, index, config. */
  imageDocumentBytes: 8 * MiB,
  /** Nesting of a JSON or YAML document. */
  documentDepth: 200,
  /** Layers in one image. */
  layers: 500,
  /** Manifests in one index, over all nested indexes. */
  manifests: 1000,
  /** Nesting of indexes. */
  indexDepth: 4,
  /** Entries of an archive that holds images. */
  archiveEntries: 100_000,
  /** Uncompressed bytes of one layer. */
  layerBytes: 64 * GiB,
  /** Entries of one layer. */
  layerEntries: 10_000_000,
  /** What a compressed stream may unpack to: this many times its own bytes, though never less than the floor. */
  unpackRatio: 200,
  unpackFloorBytes: 8 * GiB,
  /** One path, or link target, inside a layer. */
  pathBytes: 16 * KiB,
  /** One PAX header block or GNU long name. */
  tarExtensionBytes: 1 * MiB,
  /** Path components below the root. */
  pathDepth: 4096,
  /** One file that a cataloger asked for. */
  catalogedFileBytes: 256 * MiB,
  /** Memory for all the wanted files of one layer that wait for their catalogers at a time. */
  catalogedLayerBytes: 512 * MiB,
  /** Packages of one image. */
  packages: 1_000_000,
  /** All kept facts of layers together. */
  factsCacheBytes: 1 * GiB,
  /** Files of them. */
  factsCacheEntries: 100_000,
  /** A file that the user writes: configuration, ignore file, policy. */
  userFileBytes: 16 * MiB,
} as const;
