import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { gather } from './gather.js';

async function* of(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield piece;
}

test('pieces of any size are the same bytes in large chunks', async () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 700_000 })), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const pieces = lengths.map((length, at) => new Uint8Array(length).fill(at + 1));
      const chunks: Uint8Array[] = [];
      for await (const chunk of gather(of(pieces))) chunks.push(chunk.slice());
      assert.deepEqual(Buffer.concat(chunks), Buffer.concat(pieces));
      // What goes by as it is may stand between two chunks that were gathered.
      const small = chunks.slice(0, -1).filter((chunk) => chunk.length < 1 << 19);
      assert.deepEqual(small, []);
    }),
    { numRuns: 20 },
  );
});
