/**
 * Bytes that can be read anywhere, at once: a file through a descriptor, or an array. Reading is synchronous because
 * look-ups in databases are chains of small dependent reads, for which a promise each costs more than the read.
 */
export interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes from `position`; throws `FormatError('TRUNCATED')` when they are not all there. */
  read(position: number, length: number): Uint8Array;
}
