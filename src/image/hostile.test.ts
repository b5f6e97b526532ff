import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  buildImage,
  chunksOf,
  compress,
  containerdExport,
  dockerArchive,
  type ImageSpec,
  ociArchive,
  ociLayoutFiles,
  sha256,
  writeOciLayout,
} from '../../test/support/image-builder.js';
import { amd64, openArchive, openingFails, readEntries, sampleImage } from '../../test/support/image-source-suite.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { buildTar, concatBytes, tarHeader, toBytes } from '../../test/support/tar-writer.js';
import { zstdOfRepeatedByte } from '../../test/support/zstd-frame.js';
import { createContext } from '../core/index.js';
import { openImages } from './index.js';

const clean = sampleImage('gzip');
const first = (spec: ImageSpec) => {
  const [layer] = spec.layers;
  assert.ok(layer && 'items' in layer);
  return layer;
};

test('files that are no archives at all', async (t) => {
  const folder = temporaryFolder(t);
  const texts = ['', 'hello', '{"a": 1}', 'x'.repeat(5000), '\u007fELF'.padEnd(2000, '\0')];
  for (const text of texts)
    assert.equal((await openingFails(folder, toBytes(text))).code, 'NOT_AN_IMAGE', text.slice(0, 9));
  assert.equal((await openingFails(folder, gzipSync('hello'))).code, 'NOT_AN_IMAGE');
  assert.equal((await openingFails(folder, buildTar([{ path: 'etc/passwd', content: 'root' }]))).code, 'NOT_AN_IMAGE');
  assert.equal((await openingFails(folder, new Uint8Array(10_240))).code, 'NOT_AN_IMAGE');
  const open = (input: string) => openImages(createContext(), { input, hostPlatform: amd64, spoolDir: folder });
  await assert.rejects(open(join(folder, 'absent')), { code: 'INPUT_NOT_FOUND' });
  await assert.rejects(open(join(folder, 'archive', 'absent')), { code: 'INPUT_NOT_FOUND' });
  await assert.rejects(open(folder), { code: 'NOT_AN_IMAGE' });
});

test('archives that break off, anywhere', async (t) => {
  const folder = temporaryFolder(t);
  for (const archive of [dockerArchive(clean), ociArchive(clean)]) {
    for (const part of [0.2, 0.5, 0.8, 0.95]) {
      const { code } = await openingFails(folder, archive.subarray(0, Math.floor((archive.length - 1024) * part)));
      assert.ok(['ARCHIVE_CORRUPT', 'NOT_AN_IMAGE', 'BLOB_MISSING'].includes(String(code)), String(code));
    }
    for (const compression of ['gzip', 'zstd'] as const) {
      const packed = compress(archive, compression);
      for (const part of [0.3, 0.7, 0.99]) {
        const cut = packed.subarray(0, Math.floor(packed.length * part));
        assert.equal((await openingFails(folder, cut)).code, 'ARCHIVE_CORRUPT');
      }
    }
  }
  assert.deepEqual(readdirSync(join(folder, 'spool')), []);
});

test('a flipped byte in any blob is a digest mismatch that names both digests', async (t) => {
  const folder = temporaryFolder(t);
  const files = ociLayoutFiles(clean);
  for (const [path, bytes] of files) {
    if (!path.startsWith('blobs/')) continue;
    const flipped = bytes.slice();
    flipped[Math.floor(bytes.length / 2)] = (flipped[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    const items = [...files].map(([name, content]) => ({ path: name, content: name === path ? flipped : content }));
    const { code, message } = await openingFails(folder, buildTar(items));
    assert.equal(code, 'DIGEST_MISMATCH', path);
    assert.ok(message.includes(path.replace('blobs/', '').replace('/', ':')), message);
    assert.ok(message.includes(sha256(flipped)), message);
  }
});

test("a forged archive: a clean image's config over other layers", async (t) => {
  const folder = temporaryFolder(t);
  const honest = buildImage(clean);
  const evil = buildTar([{ path: 'etc/os-release', content: 'ID=evil\n' }]);
  for (const forged of [evil, gzipSync(evil), toBytes('garbage'), evil.subarray(0, 700)]) {
    const spec = { ...clean, layers: [{ ...first(clean), forged }, ...clean.layers.slice(1)] };
    for (const archive of [dockerArchive(spec), ociArchive(spec), containerdExport(spec)]) {
      const { code, message } = await openingFails(folder, archive);
      if (code === 'LAYER_CORRUPT') continue; // a docker archive's garbage has no digest to compare with
      assert.equal(code, 'DIGEST_MISMATCH');
      const claimed = [honest.layers[0]?.digest, honest.layers[0]?.diffId];
      const actual = [sha256(forged), sha256(evil)];
      assert.ok(
        claimed.some((digest) => message.includes(String(digest))),
        message,
      );
      assert.ok(
        actual.some((digest) => message.includes(digest)),
        message,
      );
    }
  }
});

test('a config that lies about the uncompressed bytes', async (t) => {
  const folder = temporaryFolder(t);
  const claimedDiffId = sha256(toBytes('something else'));
  const spec = { ...clean, layers: [{ ...first(clean), claimedDiffId }, ...clean.layers.slice(1)] };
  for (const archive of [dockerArchive(spec), ociArchive(spec)]) {
    const { code, message } = await openingFails(folder, archive);
    assert.equal(code, 'DIGEST_MISMATCH');
    assert.ok(message.includes(claimedDiffId) && message.includes(buildImage(clean).layers[0]?.diffId ?? '?'), message);
  }
});

test('layers and diff IDs must be equally many', async (t) => {
  const folder = temporaryFolder(t);
  const { layers } = buildImage(clean);
  for (const count of [0, 1, 3]) {
    const ids = [...layers, ...layers].slice(0, count).map((layer) => layer.diffId);
    const spec = { ...clean, configOverrides: { rootfs: { type: 'layers', diff_ids: ids } } };
    assert.equal((await openingFails(folder, dockerArchive(spec))).code, 'LAYER_COUNT_MISMATCH');
    assert.equal((await openingFails(folder, ociArchive(spec))).code, 'LAYER_COUNT_MISMATCH');
  }
});

test('sizes that descriptors get wrong', async (t) => {
  const folder = temporaryFolder(t);
  const built = buildImage(clean);
  const layers = built.layers.map(({ mediaType, digest, stored }) => ({ mediaType, digest, size: stored.length + 1 }));
  const wrong = await openingFails(folder, ociArchive({ ...clean, manifestOverrides: { layers } }));
  assert.equal(wrong.code, 'SIZE_MISMATCH');
  const negative = layers.map((layer) => ({ ...layer, size: -1 }));
  const refused = await openingFails(folder, ociArchive({ ...clean, manifestOverrides: { layers: negative } }));
  assert.equal(refused.code, 'DOCUMENT_INVALID');
});

test('documents that are malformed, deep, huge or twice there', async (t) => {
  const folder = temporaryFolder(t);
  const deep = `[{"Config":"a.json","Layers":${'['.repeat(10_000)}${']'.repeat(10_000)}}]`;
  const lists = [
    '',
    '{',
    'null',
    '{}',
    '[1]',
    '[{}]',
    '[{"Config":5}]',
    '[{"Config":"a.json","Layers":[5]}]',
    '[{"Config":"a","Layers":"b"}]',
  ];
  for (const content of lists) {
    const { code } = await openingFails(folder, buildTar([{ path: 'manifest.json', content }]));
    assert.ok(code === 'DOCUMENT_INVALID' || code === 'NOT_AN_IMAGE', `${content}: ${String(code)}`);
  }
  assert.equal(
    (await openingFails(folder, buildTar([{ path: 'manifest.json', content: deep }]))).code,
    'LIMIT_EXCEEDED',
  );
  const huge = `[${' '.repeat(9 << 20)}]`;
  assert.equal(
    (await openingFails(folder, buildTar([{ path: 'manifest.json', content: huge }]))).code,
    'LIMIT_EXCEEDED',
  );
  const deepIndex = buildTar([{ path: 'index.json', content: '[{"a":'.repeat(5000) }]);
  assert.equal((await openingFails(folder, deepIndex)).code, 'LIMIT_EXCEEDED');
  const schema1 = { schemaVersion: 1, config: undefined, layers: undefined };
  assert.equal((await openingFails(folder, ociArchive({ ...clean, manifestOverrides: schema1 }))).code, 'UNSUPPORTED');
  const both = { manifests: [] };
  assert.equal(
    (await openingFails(folder, ociArchive({ ...clean, manifestOverrides: both }))).code,
    'DOCUMENT_INVALID',
  );
  const version = buildTar([
    { path: 'oci-layout', content: '{"imageLayoutVersion":"2.0.0"}' },
    { path: 'index.json', content: '{"manifests":[]}' },
  ]);
  assert.equal((await openingFails(folder, version)).code, 'DOCUMENT_INVALID');
});

test('two manifest.json or index.json that differ are refused, equal ones are not', async (t) => {
  const folder = temporaryFolder(t);
  const other = JSON.stringify([{ Config: 'x.json', RepoTags: ['clean:1'], Layers: [] }]);
  for (const place of ['before', 'after'] as const) {
    const archive = dockerArchive(clean, { [place]: [{ path: 'manifest.json', content: other }] });
    const { code, message } = await openingFails(folder, archive);
    assert.equal(code, 'ARCHIVE_AMBIGUOUS');
    assert.ok(message.includes('manifest.json'));
  }
  const index = ociLayoutFiles(clean).get('index.json');
  assert.ok(index);
  const twice = await openArchive(folder, ociArchive(clean, { after: [{ path: './index.json', content: index }] }));
  await twice.close();
  const differs = ociArchive(clean, { after: [{ path: './index.json', content: '{"manifests":[]}' }] });
  assert.equal((await openingFails(folder, differs)).code, 'ARCHIVE_AMBIGUOUS');
});

test('an OCI index and a docker list that mean different images', async (t) => {
  const folder = temporaryFolder(t);
  const evil = buildImage({ layers: [[{ path: 'evil', content: 'x' }]] });
  const list = (config: string, layers: readonly string[]) =>
    JSON.stringify([{ Config: config, RepoTags: ['demo:1.0'], Layers: layers }]);
  const path = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const evilLayers = evil.layers.map((layer) => path(layer.digest));
  const other = ociArchive(clean, {
    after: [
      { path: path(evil.imageId), content: evil.config },
      { path: 'manifest.json', content: list(path(evil.imageId), evilLayers) },
    ],
  });
  assert.equal((await openingFails(folder, other)).code, 'ARCHIVE_AMBIGUOUS');
  const honest = buildImage(clean);
  const layers = ociArchive(clean, {
    after: [{ path: 'manifest.json', content: list(path(honest.imageId), evilLayers) }],
  });
  assert.equal((await openingFails(folder, layers)).code, 'ARCHIVE_AMBIGUOUS');
});

test('indexes that lead on and on', async (t) => {
  const folder = temporaryFolder(t);
  const blobs: { path: string; content: string }[] = [];
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  let index = JSON.stringify({ manifests: [] });
  for (let depth = 0; depth < 8; depth++) {
    const digest = sha256(toBytes(index));
    blobs.push({ path: `blobs/${digest.replace(':', '/')}`, content: index });
    index = JSON.stringify({
      schemaVersion: 2,
      manifests: Array.from({ length: 20 }, () => ({ mediaType, digest, size: index.length })),
    });
  }
  const archive = buildTar([...blobs, { path: 'index.json', content: index }]);
  assert.equal((await openingFails(folder, archive)).code, 'LIMIT_EXCEEDED');
});

test('links in an archive lead nowhere outside of it, and end', async (t) => {
  const folder = temporaryFolder(t);
  const links = [
    [{ path: 'manifest.json', link: '/etc/passwd' }],
    [{ path: 'manifest.json', link: 'manifest.json' }],
    [
      { path: 'manifest.json', link: 'a' },
      { path: 'a', link: 'manifest.json' },
    ],
    [{ path: 'manifest.json', hardlink: 'manifest.json' }],
    [{ path: 'manifest.json', device: 'character' as const }],
    [{ path: 'manifest.json', dir: true as const }],
  ];
  for (const items of links) assert.equal((await openingFails(folder, buildTar(items))).code, 'NOT_AN_IMAGE');
  const traversal = JSON.stringify([{ Config: '../../../../../../etc/passwd', Layers: ['../../etc/shadow'] }]);
  mkdirSync(join(folder, 'layout'));
  writeFileSync(join(folder, 'layout', 'manifest.json'), traversal);
  const input = join(folder, 'layout');
  const opening = openImages(createContext(), { input, hostPlatform: amd64, spoolDir: folder });
  await assert.rejects(opening, { code: 'BLOB_MISSING' });
});

test('missing blobs are named', async (t) => {
  const folder = temporaryFolder(t);
  const built = buildImage(clean);
  for (const missing of [built.manifestDigest, built.imageId, built.layers[1]?.digest ?? '']) {
    const { code, message } = await openingFails(folder, ociArchive(clean, { without: [missing] }));
    assert.equal(code, 'BLOB_MISSING');
    assert.ok(message.includes(missing.slice(7)), message);
  }
  assert.equal((await openingFails(folder, dockerArchive(clean, { without: [built.imageId] }))).code, 'BLOB_MISSING');
  const layer = built.layers[0]?.digest ?? '';
  assert.equal((await openingFails(folder, dockerArchive(clean, { without: [layer] }))).code, 'BLOB_MISSING');
  const input = join(folder, 'layout');
  writeOciLayout(input, clean, { without: [layer] });
  await assert.rejects(openImages(createContext(), { input, hostPlatform: amd64, spoolDir: folder }), {
    code: 'BLOB_MISSING',
  });
});

test('layers whose bytes are as claimed and still no good', async (t) => {
  const folder = temporaryFolder(t);
  const tar = buildTar([{ path: 'a', content: 'x'.repeat(2000) }]);
  const claimed = (bytes: Uint8Array) => ({ items: [], stored: bytes, claimedDiffId: sha256(bytes) });
  const packed = gzipSync(tar);
  const layers = [
    claimed(tar.subarray(0, 1000)),
    claimed(tar.subarray(0, 100)),
    claimed(toBytes('x'.repeat(2000))),
    claimed(packed.subarray(0, 60)),
    { ...claimed(concatBytes([packed, toBytes('trailing')])), claimedDiffId: sha256(tar) },
    { ...claimed(concatBytes([compress(tar, 'zstd'), toBytes('trailing')])), claimedDiffId: sha256(tar) },
    claimed(compress(tar, 'zstd').subarray(0, 90)),
    claimed(concatBytes([tarHeader({ name: 'a', type: '0', checksum: 1 }), tar])),
    claimed(buildTar([{ path: 'a/.wh...', content: '' }])),
    claimed(buildTar([{ path: '.wh.', content: '' }])),
  ];
  for (const [at, layer] of layers.entries()) {
    const spec = { layers: [layer] };
    assert.equal((await openingFails(folder, ociArchive(spec))).code, 'LAYER_CORRUPT', String(at));
    assert.equal((await openingFails(folder, dockerArchive(spec))).code, 'LAYER_CORRUPT', String(at));
  }
});

test('gzip members one after the other, and zero bytes at the end, are one stream', async (t) => {
  const tar = buildTar([{ path: 'a', content: 'x'.repeat(2000) }]);
  const halves = [gzipSync(tar.subarray(0, 777)), gzipSync(tar.subarray(777)), new Uint8Array(300)];
  const frames = [compress(tar.subarray(0, 777), 'zstd'), compress(tar.subarray(777), 'zstd')];
  for (const parts of [halves, frames]) {
    const layer = { items: [], stored: concatBytes(parts), claimedDiffId: sha256(tar) };
    const opened = await openArchive(temporaryFolder(t), dockerArchive({ layers: [layer] }));
    const [image] = opened.images;
    assert.ok(image);
    assert.deepEqual((await readEntries(image, 0)).entries, ['file a']);
    await opened.close();
  }
});

test('zstd frames that would take too much memory are refused', async (t) => {
  const folder = temporaryFolder(t);
  const frame = zstdOfRepeatedByte(0, 1 << 20);
  frame[5] = 0xb8; // a window of 8 GiB
  const layer = { items: [], stored: frame, claimedDiffId: sha256(frame) };
  assert.equal((await openingFails(folder, dockerArchive({ layers: [layer] }))).code, 'LIMIT_EXCEEDED');
  const second = { ...layer, stored: concatBytes([compress(new Uint8Array(1024), 'zstd'), frame]) };
  assert.equal((await openingFails(folder, dockerArchive({ layers: [second] }))).code, 'LIMIT_EXCEEDED');
});

test('reading stops when it is cancelled', async (t) => {
  const opened = await openArchive(temporaryFolder(t), dockerArchive(clean));
  const reason = new Error('enough');
  const signal = {
    aborted: true,
    reason,
    throwIfAborted() {
      throw reason;
    },
  };
  const layer = opened.images[0]?.layers[0];
  assert.ok(layer);
  const { visitLayer } = await import('./index.js');
  const visitor = { entry() {}, wants: () => 0, file() {}, tooLarge() {} };
  await assert.rejects(visitLayer(createContext({ signal }), layer, visitor), reason);
  await opened.close();
  const stdin = chunksOf(dockerArchive(clean));
  const folder = temporaryFolder(t);
  await assert.rejects(openImages(createContext({ signal }), { input: 'stdin', stdin, spoolDir: folder }), reason);
  assert.deepEqual(readdirSync(folder), []);
});
