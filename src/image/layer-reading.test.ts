import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { chunksOf, compress, type Compression, sha256, type TarItem } from '../../test/support/image-builder.js';
import { buildTar, toBytes } from '../../test/support/tar-writer.js';
import { zstdOfRepeatedByte } from '../../test/support/zstd-frame.js';
import { createContext, type ProgressStep } from '../core/index.js';
import { type Digest, parseDigest } from '../reference/index.js';
import { unpack } from './compression.js';
import { hashLayer, type Layer, type LayerEntry, visitLayer } from './index.js';

function layerOf(stored: Uint8Array, diffId: string, more: Partial<Layer> = {}): Layer {
  return {
    index: 0,
    diffId: parseDigest(diffId),
    sizeBytes: stored.length,
    open: () => chunksOf(stored, 1000),
    ...more,
  };
}

function layerOfItems(items: readonly TarItem[], compression: Compression = 'gzip'): Layer {
  const tar = buildTar(items);
  return layerOf(compress(tar, compression), sha256(tar));
}

/** What a visitor that wants some paths is told, as short lines. */
async function visit(layer: Layer, wanted: Readonly<Record<string, number>>) {
  const told: string[] = [];
  const entries: LayerEntry[] = [];
  const proof = await visitLayer(createContext(), layer, {
    entry: (entry) => entries.push(entry),
    wants: ({ path }) => wanted[path] ?? 0,
    file: ({ path, kind }, bytes) => told.push(`${kind} ${path} ${new TextDecoder().decode(bytes)}`),
    tooLarge: ({ path, kind }, allowed) => told.push(`${kind} ${path} more than ${allowed}`),
    unresolved: ({ path }) => told.push(`${path} unresolved`),
  });
  return { told, entries, proof };
}

test('whiteouts and opaque directories are told from files', async () => {
  const { entries } = await visit(
    layerOfItems([
      { path: 'a/.wh.b', content: '' },
      { path: '.wh.top', content: 'ignored' },
      { path: 'a/.wh..wh..opq', content: '' },
      { path: '.wh..wh..opq', content: '' },
      { path: 'a/.whatever', content: 'x' },
      { path: 'a/x.wh.y', content: 'x' },
    ]),
    {},
  );
  assert.deepEqual(
    entries.map(({ kind, path }) => `${kind} ${path}`),
    ['whiteout a/b', 'whiteout top', 'opaque a', 'opaque ', 'file a/.whatever', 'file a/x.wh.y'],
  );
});

test('only what is wanted is collected, as often as it comes, in the order of the layer', async () => {
  const items = [
    { path: 'a', content: 'first' },
    { path: 'b', content: 'not asked for' },
    { path: 'c', content: 'much too large' },
    { path: 'empty', content: '' },
    { path: 'a', content: 'second' },
  ];
  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    const { told, proof } = await visit(layerOfItems(items, compression), { a: 100, c: 5, empty: 1 });
    assert.deepEqual(told, ['file a first', 'file c more than 5', 'file empty ', 'file a second']);
    assert.equal(proof.compression, compression);
  }
});

test('a wanted hard link gets the bytes of the file that it repeats', async () => {
  const layer = layerOfItems([
    { path: 'target', content: 'old' },
    { path: 'target', content: 'the bytes' },
    { path: 'link', hardlink: 'target' },
    { path: 'other', hardlink: './/target' },
    { path: 'unasked', hardlink: 'target' },
    { path: 'chained', hardlink: 'link' },
    { path: 'target', content: 'too late' },
  ]);
  const { told } = await visit(layer, { link: 100, other: 4, chained: 100 });
  assert.deepEqual(told.toSorted(), [
    'hardlink chained old',
    'hardlink chained the bytes',
    'hardlink link old',
    'hardlink link the bytes',
    'hardlink other more than 4',
    'hardlink other old',
  ]);
  for (const path of ['link', 'chained'])
    assert.equal(
      told.findLast((line) => line.startsWith(`hardlink ${path}`)),
      `hardlink ${path} the bytes`,
    );
});

test('hard links that lead nowhere are said, and one that is replaced is forgotten', async () => {
  const layer = layerOfItems([
    { path: 'to-lower-layer', hardlink: 'usr/lib/below' },
    { path: 'to-directory', hardlink: 'dir' },
    { path: 'dir', dir: true },
    { path: 'loop', hardlink: 'loop' },
    { path: 'before', hardlink: 'after' },
    { path: 'after', content: 'x' },
    { path: 'replaced', hardlink: 'after' },
    { path: 'replaced', content: 'real' },
  ]);
  const all = Object.fromEntries(
    ['to-lower-layer', 'to-directory', 'loop', 'before', 'replaced'].map((path) => [path, 9]),
  );
  const { told } = await visit(layer, all);
  assert.deepEqual(told, [
    'file replaced real',
    ...['to-lower-layer', 'to-directory', 'loop', 'before'].map((path) => `${path} unresolved`),
  ]);
});

test('a layer without wanted hard links is read once', async () => {
  let opened = 0;
  const layer = layerOfItems([
    { path: 'a', content: 'x' },
    { path: 'b', hardlink: 'a' },
  ]);
  const counting: Layer = { ...layer, open: (signal) => (opened++, layer.open(signal)) };
  await visit(counting, { a: 10 });
  assert.equal(opened, 1);
  await visit(counting, { b: 10 });
  assert.equal(opened, 3);
});

test('proofs and hashes are those of the bytes, whatever the algorithm of the claims', async () => {
  const tar = buildTar([{ path: 'a', content: 'x'.repeat(100_000) }]);
  const sha512 = (bytes: Uint8Array) => `sha512:${createHash('sha512').update(bytes).digest('hex')}` as Digest;
  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    const stored = compress(tar, compression);
    const plain = layerOf(stored, sha256(tar));
    const proof = { uncompressedBytes: tar.length, compression, diffId: sha256(tar), digest: sha256(stored) };
    assert.deepEqual((await visit(plain, {})).proof, proof);
    assert.equal(await hashLayer(createContext(), plain), sha256(stored));
    const other = layerOf(stored, sha512(tar), { digest: sha512(stored) });
    assert.deepEqual((await visit(other, {})).proof, { ...proof, diffId: sha512(tar), digest: sha512(stored) });
    const mixed = layerOf(stored, sha256(tar), { digest: sha512(stored) });
    assert.deepEqual((await visit(mixed, {})).proof, { ...proof, digest: sha512(stored) });
  }
});

test('progress counts the stored bytes of the layer up to its size, once', async () => {
  const steps: ProgressStep[] = [];
  const layer = layerOfItems(
    [
      { path: 'a', content: 'x'.repeat(5000) },
      { path: 'b', hardlink: 'a' },
    ],
    'none',
  );
  const visitor = { entry() {}, wants: () => 10_000, file() {}, tooLarge() {} };
  await visitLayer(createContext({ progress: (step) => steps.push(step) }), layer, visitor);
  const amounts = steps.map((step) => step.done);
  assert.deepEqual(
    amounts,
    [...new Set(amounts)].toSorted((a, b) => a - b),
  );
  assert.equal(amounts.at(-1), layer.sizeBytes);
  assert.ok(steps.every((step) => step.total === layer.sizeBytes && step.unit === 'bytes'));
});

test('what the visitor throws comes out as it is', async () => {
  const mine = new TypeError('mine');
  const layer = layerOfItems([{ path: 'a', content: 'x' }]);
  const visitor = {
    entry() {
      throw mine;
    },
    wants: () => 0,
    file() {},
    tooLarge() {},
  };
  await assert.rejects(visitLayer(createContext(), layer, visitor), mine);
});

test('bombs stop at the bound, however they are packed', async () => {
  const zeros = new Uint8Array(8 << 20);
  const bombs = { gzip: gzipSync(zeros), zstd: zstdOfRepeatedByte(0, 1 << 30), none: zeros };
  for (const [compression, bomb] of Object.entries(bombs)) {
    for (const bounds of [{ maxBytes: 5 << 20 }, { maxBytes: 2 ** 40, floorBytes: 1000, ratio: 0.5 }]) {
      let unpacked = 0;
      const drain = async () => {
        const options = { compression: compression as Compression, ...bounds };
        for await (const piece of unpack(chunksOf(bomb, 100_000), options)) unpacked += piece.length;
      };
      await assert.rejects(drain(), { code: 'LIMIT_EXCEEDED' }, compression);
      assert.ok(unpacked <= 5 << 20);
    }
  }
});

test('a layer that ends before its size is an error', async () => {
  const other = layerOf(toBytes('x'), sha256(toBytes('x')));
  const layer = layerOf(buildTar([{ path: 'a', content: 'x' }]).subarray(0, 700), sha256(toBytes('y')));
  await assert.rejects(visit(layer, {}), { code: 'DIGEST_MISMATCH' });
  await assert.rejects(visit({ ...layer, open: (signal) => other.open(signal) }, {}), { code: 'DIGEST_MISMATCH' });
});
