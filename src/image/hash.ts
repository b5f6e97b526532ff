import { createHash, type Hash as NodeHash } from 'node:crypto';
import { type Digest, parseDigest } from '../reference/index.js';

/** The digest of bytes that come piece by piece. */
export class Hash {
  readonly #algorithm: string;
  readonly #hash: NodeHash;

  /** @param algorithm As digests spell it: `sha256`. */
  constructor(algorithm: string) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Of all bytes so far; nothing may be added after it. */
  digest(): Digest {
    return parseDigest(`${this.#algorithm}:${this.#hash.digest('hex')}`);
  }
}

/** `sha256` of `sha256:...`. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}
