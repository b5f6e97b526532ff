import { FormatError, type RandomAccess } from '../../core/index.js';
import {
  fnv1a64,
  formatVersion,
  magic,
  magicOfOtherByteOrder,
  maxPageSize,
  metaChecksumAt,
  metaChecksumFrom,
  metaEndBytes,
  minPageSize,
  readUint64,
} from './layout.js';

/** What the newest valid meta page says. */
export interface Meta {
  readonly pageSize: number;
  /** Page of the root bucket's top node. */
  readonly root: number;
  /** First page number that was never allocated. */
  readonly highWater: number;
  readonly transaction: bigint;
}

/**
 * The newest valid meta page of a file.
 * @throws FormatError `UNSUPPORTED` for a file of the other byte order, `TRUNCATED` if pages are missing, `INVALID`
 * if there is no valid meta page.
 */
export function readMeta(access: RandomAccess): Meta {
  if (access.size < minPageSize) throw new FormatError('TRUNCATED', `not a bbolt file: only ${access.size} bytes`);
  const first = metaAt(access, 0);
  const second = first ? metaAt(access, first.pageSize) : findSecond(access);
  const meta = newest(first, second?.pageSize === (first ?? second)?.pageSize ? second : undefined);
  if (!meta) throw new FormatError('INVALID', 'not a bbolt file, or both its meta pages are damaged');
  if (meta.highWater * meta.pageSize > access.size) {
    throw new FormatError(
      'TRUNCATED',
      `bbolt: the file ends before its last page (${access.size} bytes, ${meta.highWater} pages)`,
    );
  }
  return meta;
}

function newest(a: Meta | undefined, b: Meta | undefined): Meta | undefined {
  if (!a || !b) return a ?? b;
  return b.transaction > a.transaction ? b : a;
}

function findSecond(access: RandomAccess): Meta | undefined {
  for (let size = minPageSize; size <= maxPageSize; size *= 2) {
    const meta = metaAt(access, size);
    if (meta?.pageSize === size) return meta;
  }
  return undefined;
}

function metaAt(access: RandomAccess, position: number): Meta | undefined {
  if (position + metaEndBytes > access.size) return undefined;
  const bytes = access.read(position, metaEndBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(16, true) === magicOfOtherByteOrder) {
    throw new FormatError('UNSUPPORTED', 'bbolt: written on a machine of the other byte order');
  }
  if (view.getUint32(16, true) !== magic || view.getUint32(20, true) !== formatVersion) return undefined;
  const checksum = fnv1a64(bytes.subarray(metaChecksumFrom, metaChecksumAt));
  if (view.getBigUint64(metaChecksumAt, true) !== checksum) return undefined;
  const pageSize = view.getUint32(24, true);
  if (pageSize < minPageSize || pageSize > maxPageSize || (pageSize & (pageSize - 1)) !== 0) return undefined;
  return {
    pageSize,
    root: readUint64(view, 32),
    highWater: readUint64(view, 56),
    transaction: view.getBigUint64(64, true),
  };
}
