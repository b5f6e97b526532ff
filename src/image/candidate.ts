import type { Digest, Platform } from '../reference/index.js';
import type { Image } from './image.js';

/** An image of one platform that a source found; nothing but what choosing needs has been read of it. */
export interface Candidate {
  /** Candidates of one image for several platforms have the same group. */
  readonly group: number;
  /** Names as the medium spells them: `alpine:3.11`, `docker.io/library/alpine:3.14`, or a bare tag. */
  readonly names: readonly string[];
  /** Digests that name it: manifest, index, config. */
  readonly digests: readonly Digest[];
  readonly platform: Platform;
  /** Path of a blob without which it cannot be read, and which is not there. */
  readonly missing?: string | undefined;
  /** Reads config and manifest, and checks them against their digests. */
  load(): Promise<Image>;
}

/** What a source found in a medium. */
export interface Found {
  readonly candidates: readonly Candidate[];
  /** Build attestations that were passed over. */
  readonly attestations: number;
  /** Things that are no images: their kind (artifact type or media type of the config), once each. */
  readonly artifacts: readonly string[];
}
