import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../test/support/paths.js';
import { concatBytes } from '../../test/support/tar-writer.js';
import { storeAsZstd, zstdOfRepeatedByte } from '../../test/support/zstd-frame.js';
import { createContext } from '../core/index.js';
import { compressionOf } from '../formats/index.js';
import { unpackFile } from './unpack.js';

async function unpacked(t: TestContext, bytes: Uint8Array): Promise<Uint8Array> {
  const path = join(temporaryFolder(t), 'file');
  writeFileSync(path, bytes);
  const chunks: Uint8Array[] = [];
  await unpackFile(createContext(), {
    path,
    compression: compressionOf(bytes),
    sizeBytes: bytes.length,
    // Kept as they are: what is told of a chunk may do that.
    onChunk: (chunk) => chunks.push(chunk),
  });
  return concatBytes(chunks);
}

test('a file comes out whole, however it is packed', async (t) => {
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251);
  const half = bytes.length / 2;
  const packed = {
    none: bytes,
    gzip: gzipSync(bytes),
    'gzip in two members': concatBytes([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]),
    zstd: storeAsZstd(bytes),
    'zstd in two frames': concatBytes([storeAsZstd(bytes.subarray(0, half)), storeAsZstd(bytes.subarray(half))]),
  };
  for (const [how, stored] of Object.entries(packed)) {
    assert.equal(Buffer.compare(await unpacked(t, stored), bytes), 0, how);
  }
});

test('packing that is damaged, cut off or too greedy is refused', async (t) => {
  const bytes = new TextEncoder().encode('advisories of nothing');
  const greedy = zstdOfRepeatedByte(0, 1000);
  greedy[5] = 0xff;
  await assert.rejects(unpacked(t, gzipSync(bytes).subarray(0, 20)), { code: 'INVALID' });
  await assert.rejects(unpacked(t, storeAsZstd(bytes).subarray(0, 20)), { code: 'TRUNCATED' });
  await assert.rejects(unpacked(t, concatBytes([storeAsZstd(bytes), bytes])), { code: 'INVALID' });
  await assert.rejects(unpacked(t, greedy), { code: 'LIMIT_EXCEEDED' });
});
