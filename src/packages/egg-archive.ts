import { inflateRawSync } from 'node:zlib';
import { FormatError } from '../core/index.js';

const endSign = 0x06054b50;
const entrySign = 0x02014b50;
const localSign = 0x04034b50;
const maxMemberBytes = 8 * 1024 * 1024;
const maxMembers = 100_000;

/**
 * The first member of a zip archive that `wants` takes by its name, inflated; `undefined` where there is none.
 * @throws FormatError for bytes that are no whole zip archive, or a member of more than 8 MiB.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function findZipMember(bytes: Uint8Array, wants: (name: string) => boolean): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(view);
  const decoder = new TextDecoder();
  let at = view.getUint32(end + 16, true);
  const count = Math.min(view.getUint16(end + 10, true), maxMembers);
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== entrySign) throw damaged('its directory is cut off');
    const nameLength = view.getUint16(at + 28, true);
    const name = decoder.decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (wants(name)) return member(bytes, view, at);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return undefined;
}

function member(bytes: Uint8Array, view: DataView, entry: number): Uint8Array {
  const method = view.getUint16(entry + 10, true);
  const stored = view.getUint32(entry + 20, true);
  const local = view.getUint32(entry + 42, true);
  if (local + 30 > bytes.length || view.getUint32(local, true) !== localSign) throw damaged('a member is not there');
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + stored > bytes.length) throw damaged('a member is cut off');
  const content = bytes.subarray(start, start + stored);
  if (method === 0) {
    if (stored > maxMemberBytes) throw damaged(`a member has more than ${maxMemberBytes} bytes`);
    return content;
  }
  if (method !== 8) throw new FormatError('UNSUPPORTED', `zip archive: compression method ${method}`);
  try {
    return inflateRawSync(content, { maxOutputLength: maxMemberBytes });
  } catch (cause) {
    throw new FormatError('INVALID', 'zip archive: a member does not inflate, or to too much', { cause });
  }
}

/** The record at the end, behind which only a comment of up to 64 KiB may stand. */
function endRecord(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= lowest; at--) {
    if (view.getUint32(at, true) === endSign) return at;
  }
  throw damaged('its end is missing');
}

function damaged(what: string): FormatError {
  return new FormatError('INVALID', `zip archive: ${what}`);
}
