import assert from 'node:assert/strict';
import test from 'node:test';
import { concatBytes } from '../../test/support/tar-writer.js';
import { storeAsZstd, zstdOfRepeatedByte } from '../../test/support/zstd-frame.js';
import { compressionOf, unpackZstd } from './index.js';

const text = new TextEncoder().encode('some bytes, and some more of them');
const skippable = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);

/** The same buffer for every chunk, as a file that is read has it. */
async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const lent = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    lent.set(chunk);
    yield lent.subarray(0, chunk.length);
    lent.fill(0);
  }
}

async function unpacked(bytes: Uint8Array, size = 1 << 16): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of unpackZstd(inChunks(bytes, size))) pieces.push(piece.slice());
  return concatBytes(pieces);
}

test('frames one after the other are one stream, however it is cut into chunks', async () => {
  const stream = concatBytes([skippable, storeAsZstd(text), storeAsZstd(text), skippable, zstdOfRepeatedByte(7, 300)]);
  const expected = concatBytes([text, text, new Uint8Array(300).fill(7)]);
  for (const size of [1, 2, 7, 1 << 16]) assert.deepEqual(await unpacked(stream, size), expected, String(size));
  assert.deepEqual(await unpacked(new Uint8Array()), new Uint8Array());
  assert.equal(compressionOf(stream), 'zstd');
  assert.equal(compressionOf(storeAsZstd(text)), 'zstd');
});

test('what is cut off, damaged or followed by something else is refused', async () => {
  const frame = storeAsZstd(text);
  for (let length = 1; length < frame.length; length++) {
    await assert.rejects(unpacked(frame.subarray(0, length)), { code: 'TRUNCATED' }, String(length));
  }
  await assert.rejects(unpacked(concatBytes([frame, text])), { code: 'INVALID' });
  const reserved = frame.slice();
  reserved[4] = (reserved[4] ?? 0) | 0x08;
  await assert.rejects(unpacked(reserved), { code: 'INVALID' });
});

test('a frame that would need too much memory is refused, also behind an honest one', async () => {
  const greedy = zstdOfRepeatedByte(0, 1000);
  greedy[5] = 0xff;
  await assert.rejects(unpacked(greedy), { code: 'LIMIT_EXCEEDED' });
  await assert.rejects(unpacked(concatBytes([storeAsZstd(text), greedy])), { code: 'LIMIT_EXCEEDED' });
  const withDictionary = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x38, 9, 1, 0, 0);
  await assert.rejects(unpacked(withDictionary), { code: 'UNSUPPORTED' });
});
