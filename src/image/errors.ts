import { FormatError, messageOf, TidewaiterError } from '../core/index.js';

/** Why an image could not be opened or read. */
export type ImageErrorCode =
  /** The path is not there. */
  | 'INPUT_NOT_FOUND'
  /** The path is there and cannot be read. */
  | 'INPUT_UNREADABLE'
  /** Neither an archive nor a layout of images; or an artifact that is no image. */
  | 'NOT_AN_IMAGE'
  /** The archive breaks off, or is no proper tar, gzip or zstd. */
  | 'ARCHIVE_CORRUPT'
  /** Two readers could see two different images in the archive. */
  | 'ARCHIVE_AMBIGUOUS'
  /** A manifest, index or config is malformed. */
  | 'DOCUMENT_INVALID'
  /** A manifest, config or layer that is named is not there. */
  | 'BLOB_MISSING'
  /** Bytes hash to something other than what the image claims. */
  | 'DIGEST_MISMATCH'
  /** Bytes have the right hash, though not the claimed number. */
  | 'SIZE_MISMATCH'
  /** Manifest and config disagree about the number of layers. */
  | 'LAYER_COUNT_MISMATCH'
  /** A layer's bytes are as claimed and still no proper tar, gzip or zstd. */
  | 'LAYER_CORRUPT'
  | 'LIMIT_EXCEEDED'
  | 'UNSUPPORTED'
  | 'PLATFORM_NOT_FOUND'
  /** Nothing but build attestations: there is no image to look at. */
  | 'ATTESTATION_ONLY'
  /** Several images, and nothing that says which. */
  | 'MULTIPLE_IMAGES'
  /** No image of the archive has the asked name. */
  | 'IMAGE_NOT_FOUND'
  /** A place that keeps images (a service, its files) is not there. */
  | 'SOURCE_UNAVAILABLE'
  /** Such a place is there and cannot do its work, or answers nonsense. */
  | 'SOURCE_FAILED'
  /** No place that was asked has an image of this name. */
  | 'IMAGE_UNAVAILABLE'
  /** No room, or no right, to keep a temporary copy. */
  | 'SPOOL_FAILED';

export class ImageError extends TidewaiterError<ImageErrorCode> {}

const codes = {
  INVALID: 'DOCUMENT_INVALID',
  TRUNCATED: 'ARCHIVE_CORRUPT',
  LIMIT_EXCEEDED: 'LIMIT_EXCEEDED',
  UNSUPPORTED: 'UNSUPPORTED',
} as const satisfies Record<FormatError['code'], ImageErrorCode>;

/** What was thrown while reading `what`, as an error of this room; anything but a `FormatError` comes back as it is. */
export function asImageError(thrown: unknown, what: string, corrupt?: ImageErrorCode): unknown {
  if (!(thrown instanceof FormatError)) return thrown;
  const isBroken = thrown.code === 'INVALID' || thrown.code === 'TRUNCATED';
  const code = isBroken && corrupt ? corrupt : codes[thrown.code];
  return new ImageError(code, `${what}: ${thrown.message}`, { hint: thrown.hint, cause: thrown });
}

/** The error for bytes that are not what was claimed; names both digests. */
export function digestMismatch(what: string, claimed: string, actual: string): ImageError {
  return new ImageError('DIGEST_MISMATCH', `${what} should hash to ${claimed}, but hashes to ${actual}`, {
    hint: 'the image was damaged or tampered with; get it again from where it came',
  });
}

/** A system error (`ENOENT`...) as one clause, without the call and the path that Node.js adds. */
export function reasonOf(thrown: unknown): string {
  const code = errorCodeOf(thrown);
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENOTDIR: 'a part of the path is no folder',
    ENOSPC: 'no space is left on the disk',
    EROFS: 'the disk is read-only',
    ELOOP: 'too many symbolic links',
    EISDIR: 'it is a folder',
    EMFILE: 'too many files are open',
  };
  return (code !== undefined && Object.hasOwn(known, code) ? known[code] : undefined) ?? messageOf(thrown);
}

export function errorCodeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
