import { createHash } from 'node:crypto';

/**
 * What stands in front of an entry's bytes on disk: `TWCACHE1`, their number as eight bytes, and a hash over key and
 * bytes. A file that was cut off, filled with zeros by a crash, or renamed does not fit its own frame.
 */
const magic = Buffer.from('TWCACHE1', 'latin1');
const lengthAt = magic.length;
const hashAt = lengthAt + 8;

/** Bytes of the frame. */
export const frameBytes: number = hashAt + 32;

/** The frame for these bytes under this key. */
export function frameOf(key: string, bytes: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(frameBytes);
  magic.copy(frame);
  frame.writeBigUInt64BE(BigInt(bytes.length), lengthAt);
  hashOf(key, bytes).copy(frame, hashAt);
  return frame;
}

/** The bytes of a whole file, if its frame fits them and the key. */
export function unframe(key: string, file: Uint8Array): Uint8Array | undefined {
  if (file.length < frameBytes) return undefined;
  const frame = Buffer.from(file.buffer, file.byteOffset, frameBytes);
  const bytes = file.subarray(frameBytes);
  if (!frame.subarray(0, lengthAt).equals(magic)) return undefined;
  if (frame.readBigUInt64BE(lengthAt) !== BigInt(bytes.length)) return undefined;
  return hashOf(key, bytes).equals(frame.subarray(hashAt)) ? bytes : undefined;
}

function hashOf(key: string, bytes: Uint8Array): Buffer {
  return createHash('sha256')
    .update(`${Buffer.byteLength(key)} ${key} `)
    .update(bytes)
    .digest();
}
