import { FormatError } from '../../core/index.js';

/**
 * The numbers of the bbolt file format, version 2 (https://github.com/etcd-io/bbolt, `internal/common`): where the
 * fields of pages, elements and bucket headers stand. All integers are little endian.
 */
export const pageHeaderBytes = 16;
export const elementBytes = 16;
export const bucketHeaderBytes = 16;
export const metaEndBytes = 80;
export const metaChecksumFrom = 16;
export const metaChecksumAt = 72;

export const magic = 0xed0cdaed;
export const magicOfOtherByteOrder = 0xedda0ced;
export const formatVersion = 2;
export const defaultPageSize = 4096;

/** Sizes a page may have; the meta page of any of them is looked for. */
export const minPageSize = 1024;
export const maxPageSize = 16 * 1024 * 1024;

export const branchPage = 0x01;
export const leafPage = 0x02;
export const metaPage = 0x04;
export const freelistPage = 0x10;

/** Flag of a leaf element whose value is a bucket. */
export const bucketElement = 0x01;

export const maxKeyBytes = 32768;
export const maxValueBytes = 2 ** 31 - 2;
export const maxElements = 65534;

/** A page together with its overflow pages; longer runs are refused before any of their bytes are read. */
export const maxRunBytes = 64 * 1024 * 1024;
/** Levels of one tree. A tree of full pages reaches 2^53 pages long before this. */
export const maxDepth = 32;

/** An unsigned 64-bit number as far as JavaScript counts exactly. */
export function readUint64(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  if (!Number.isSafeInteger(value)) throw new FormatError('INVALID', 'bbolt: a page number beyond 2^53');
  return value;
}

/** 64-bit FNV-1a. */
export function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** Order of keys: unsigned bytes, a prefix before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
