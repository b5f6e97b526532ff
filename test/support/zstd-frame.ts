import { concatBytes } from './tar-writer.js';

const blockBytes = 128 * 1024;

/** A valid zstd frame that stores the bytes without compressing them: no compressor is needed, and it is the same everywhere. */
export function storeAsZstd(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x38, ...littleEndian(bytes.length, 4))];
  for (let at = 0; at === 0 || at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const last = at + blockBytes >= bytes.length ? 1 : 0;
    parts.push(Uint8Array.from(littleEndian((block.length << 3) | last, 3)), block);
  }
  return concatBytes(parts);
}

/** A zstd frame of run-length blocks: `count` times the same byte from three bytes for each 128 KiB. */
export function zstdOfRepeatedByte(byte: number, count: number): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38)];
  for (let left = count; left > 0; left -= blockBytes) {
    const size = Math.min(left, blockBytes);
    parts.push(Uint8Array.from([...littleEndian((size << 3) | 2 | (left <= blockBytes ? 1 : 0), 3), byte]));
  }
  return concatBytes(parts);
}

function littleEndian(value: number, length: number): number[] {
  return Array.from({ length }, (_, index) => Math.floor(value / 2 ** (8 * index)) & 255);
}
