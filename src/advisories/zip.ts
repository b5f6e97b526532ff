import * as zlib from 'node:zlib';
import { FormatError, limits, type RandomAccess } from '../core/index.js';

/** One file of a zip archive. */
export interface ZipEntry {
  readonly path: string;
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Where its local header stands. */
  readonly position: number;
}

const endRecord = 0x06054b50;
const end64Locator = 0x07064b50;
const end64Record = 0x06064b50;
const centralHeader = 0x02014b50;
const localHeader = 0x04034b50;
const endRecordBytes = 22;
const centralHeaderBytes = 46;
const localHeaderBytes = 30;
const maxCommentBytes = 65535;
const maxDirectoryBytes = 1024 * 1024 * 1024;
const all32 = 0xffffffff;
const stored = 0;
const deflated = 8;

/** Does a file begin as a zip archive does? */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/**
 * The regular files of a zip archive, in the order of its directory:
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, with the 64-bit extension.
 * @throws FormatError for anything that is no whole archive.
 */
export function* zipEntries(access: RandomAccess): Generator<ZipEntry, void, undefined> {
  const { position, bytes } = directoryOf(access);
  const directory = viewOf(access.read(position, bytes));
  for (let at = 0; at + centralHeaderBytes <= directory.byteLength; ) {
    if (directory.getUint32(at, true) !== centralHeader) throw new FormatError('INVALID', 'a damaged zip directory');
    const nameBytes = directory.getUint16(at + 28, true);
    const extraBytes = directory.getUint16(at + 30, true);
    const next = at + centralHeaderBytes + nameBytes + extraBytes + directory.getUint16(at + 32, true);
    if (next > directory.byteLength) throw new FormatError('TRUNCATED', 'a zip directory that ends too early');
    const entry = entryOf(directory, at, nameBytes, extraBytes);
    if (!entry.path.endsWith('/')) yield entry;
    at = next;
  }
}

/**
 * The content of one entry.
 * @throws FormatError if it is damaged, encrypted, packed in an unknown way, or longer than `maxBytes`.
 */
export function readZipEntry(access: RandomAccess, entry: ZipEntry, maxBytes: number): Uint8Array {
  if (entry.sizeBytes > maxBytes) throw new FormatError('LIMIT_EXCEEDED', `a file of ${entry.sizeBytes} bytes`);
  const header = viewOf(access.read(entry.position, localHeaderBytes));
  if (header.getUint32(0, true) !== localHeader) throw new FormatError('INVALID', 'a damaged zip entry');
  if (header.getUint16(6, true) & 1) throw new FormatError('UNSUPPORTED', 'an encrypted zip entry');
  const start = entry.position + localHeaderBytes + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = access.read(start, entry.packedBytes);
  const content = unpack(packed, entry);
  if (content.length !== entry.sizeBytes || zlib.crc32(content) !== entry.crc32) {
    throw new FormatError('INVALID', 'a zip entry whose content is damaged');
  }
  return content;
}

function unpack(packed: Uint8Array, entry: ZipEntry): Uint8Array {
  if (entry.method === stored) return packed;
  if (entry.method !== deflated) throw new FormatError('UNSUPPORTED', `a zip entry packed by method ${entry.method}`);
  try {
    return zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.sizeBytes) });
  } catch (cause) {
    throw new FormatError('INVALID', 'a zip entry whose packing is damaged', { cause });
  }
}

function entryOf(directory: DataView, at: number, nameBytes: number, extraBytes: number): ZipEntry {
  const nameStart = directory.byteOffset + at + centralHeaderBytes;
  const wide = wideNumbers(directory, at + centralHeaderBytes + nameBytes, extraBytes);
  const number = (offset: number): number => {
    const value = directory.getUint32(at + offset, true);
    return value === all32 ? (wide.shift() ?? value) : value;
  };
  const sizeBytes = number(24);
  const packedBytes = number(20);
  if (packedBytes > limits.catalogedLayerBytes)
    throw new FormatError('LIMIT_EXCEEDED', `a zip entry of ${packedBytes} bytes`);
  return {
    path: new TextDecoder().decode(new Uint8Array(directory.buffer, nameStart, nameBytes)),
    method: directory.getUint16(at + 10, true),
    crc32: directory.getUint32(at + 16, true),
    packedBytes,
    sizeBytes,
    position: number(42),
  };
}

/** The 64-bit numbers of an entry's extension, in the order in which its 32-bit fields are full. */
function wideNumbers(view: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length; ) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const numbers: number[] = [];
      for (let field = at + 4; field + 8 <= at + 4 + size && field + 8 <= start + length; field += 8) {
        numbers.push(Number(view.getBigUint64(field, true)));
      }
      return numbers;
    }
    at += 4 + size;
  }
  return [];
}

function directoryOf(access: RandomAccess): { readonly position: number; readonly bytes: number } {
  const tailBytes = Math.min(access.size, endRecordBytes + maxCommentBytes);
  const tailStart = access.size - tailBytes;
  const tail = viewOf(access.read(tailStart, tailBytes));
  for (let at = tailBytes - endRecordBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endRecord) continue;
    const wide = wideDirectory(access, tailStart + at);
    const position = wide?.position ?? tail.getUint32(at + 16, true);
    const bytes = wide?.bytes ?? tail.getUint32(at + 12, true);
    if (bytes > maxDirectoryBytes) throw new FormatError('LIMIT_EXCEEDED', `a zip directory of ${bytes} bytes`);
    return { position, bytes };
  }
  throw new FormatError('TRUNCATED', 'a zip archive without its directory');
}

function wideDirectory(
  access: RandomAccess,
  endPosition: number,
): { readonly position: number; readonly bytes: number } | undefined {
  if (endPosition < 20) return undefined;
  const locator = viewOf(access.read(endPosition - 20, 20));
  if (locator.getUint32(0, true) !== end64Locator) return undefined;
  const record = viewOf(access.read(Number(locator.getBigUint64(8, true)), 56));
  if (record.getUint32(0, true) !== end64Record) throw new FormatError('INVALID', 'a damaged zip directory');
  return { position: Number(record.getBigUint64(48, true)), bytes: Number(record.getBigUint64(40, true)) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
