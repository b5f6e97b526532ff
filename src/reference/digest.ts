import { TidewaiterError } from '../core/index.js';

/** `algorithm:hex`, checked by `parseDigest`. */
export type Digest = `${'sha256' | 'sha384' | 'sha512'}:${string}`;

/** The algorithms that are understood, with how many hex digits each has. */
export const digestHexLengths: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

export class InvalidDigestError extends TidewaiterError<
  'UNSUPPORTED_ALGORITHM' | 'INVALID_LENGTH' | 'INVALID_FORMAT'
> {}

/** A digest as the OCI image specification spells it: a known algorithm, lower-case hex of its exact length. */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':');
  const algorithm = colon < 0 ? '' : text.slice(0, colon);
  const hex = text.slice(colon + 1);
  const length = digestHexLengths.get(algorithm);
  if (length === undefined) {
    throw new InvalidDigestError('UNSUPPORTED_ALGORITHM', `unsupported digest algorithm in "${clip(text)}"`, {
      hint: 'digests are sha256:, sha384: or sha512: and lower-case hex digits',
    });
  }
  if (!/^[0-9a-f]*$/.test(hex))
    throw new InvalidDigestError('INVALID_FORMAT', `invalid checksum digest format in "${clip(text)}"`);
  if (hex.length !== length) {
    throw new InvalidDigestError(
      'INVALID_LENGTH',
      `invalid checksum digest length: ${algorithm} has ${length} hex digits, not ${hex.length}`,
    );
  }
  return text as Digest;
}

/** The hex digits alone. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
