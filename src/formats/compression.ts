/** How a stream of bytes is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** How bytes are compressed, by the first four of them; names and media types are not believed. */
export function compressionOf(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  const isFrame = start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd;
  const isSkippable = ((start[0] ?? 0) & 0xf0) === 0x50 && start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18;
  return isFrame || isSkippable ? 'zstd' : 'none';
}
