import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  buildImage,
  type Compression,
  chunksOf,
  containerdExport,
  dockerArchive,
  ociArchive,
  writeOciLayout,
} from '../../../test/support/image-builder.js';
import { amd64, assertSampleImage, openArchive, sampleImage } from '../../../test/support/image-source-suite.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { createContext } from '../../core/index.js';
import { openImages } from '../index.js';

const compressions: readonly Compression[] = ['none', 'gzip', 'zstd'];
const layouts = { dockerArchive, ociArchive, containerdExport } as const;

for (const [name, make] of Object.entries(layouts)) {
  test(`${name}: every compression of layers and archive, every prefix`, async (t) => {
    const folder = temporaryFolder(t);
    for (const layers of compressions) {
      for (const compression of compressions) {
        for (const prefix of ['', './']) {
          const spec = sampleImage(layers);
          const opened = await openArchive(folder, make(spec, { compression, prefix }));
          await assertSampleImage(opened, spec, name !== 'dockerArchive');
          assert.deepEqual(opened.images[0]?.repoTags, name === 'ociArchive' ? [] : ['demo:1.0']);
          assert.deepEqual(opened.notices, []);
          await opened.close();
          await opened.close();
        }
      }
    }
    assert.deepEqual(readdirSync(join(folder, 'spool')), [], 'nothing is left behind');
  });
}

test('OCI layout folders, with and without a tag behind the path', async (t) => {
  for (const compression of compressions) {
    const folder = temporaryFolder(t);
    const spec = sampleImage(compression);
    writeOciLayout(folder, spec);
    for (const suffix of ['', ':1.0', `@${buildImage(spec).manifestDigest}`]) {
      const opened = await openImages(createContext(), {
        input: folder + suffix,
        hostPlatform: amd64,
        spoolDir: folder,
      });
      await assertSampleImage(opened, spec, true);
      await opened.close();
    }
  }
});

test('Docker media types, nested indexes, and indexes without platforms', async (t) => {
  const folder = temporaryFolder(t);
  for (const mediaTypes of ['oci', 'docker'] as const) {
    for (const index of ['flat', 'nested'] as const) {
      const spec = sampleImage('gzip', { mediaTypes, noPlatformInIndex: index === 'flat' });
      const opened = await openArchive(folder, ociArchive(spec, { index, name: 'docker.io/library/demo:1.0' }));
      await assertSampleImage(opened, spec, true);
      await opened.close();
    }
  }
});

test('an archive from standard input, in pieces of any size', async (t) => {
  const folder = temporaryFolder(t);
  const spec = sampleImage('gzip');
  for (const compression of compressions) {
    for (const size of [50, 1000, 1 << 20]) {
      const stdin = chunksOf(dockerArchive(spec, { compression }), size);
      const opened = await openImages(createContext(), {
        input: 'stdin',
        stdin,
        hostPlatform: amd64,
        spoolDir: folder,
      });
      await assertSampleImage(opened, spec, false);
      assert.deepEqual(readdirSync(folder), [], 'the copy has no name');
      await opened.close();
    }
  }
});

test('layers that an old docker archive repeats as symbolic links', async (t) => {
  const spec = sampleImage('none', { layers: [[{ path: 'a', content: '1' }], [{ path: 'a', content: '1' }]] });
  const archive = dockerArchive(spec);
  const text = new TextDecoder('latin1').decode(archive);
  const manifest = JSON.parse(/\[\{"Config".*?\}\]/.exec(text)?.[0] ?? '') as [
    { Layers: [string, string]; Config: string },
  ];
  const [first, second] = manifest[0].Layers;
  const linked = dockerArchive(spec, {
    after: [{ path: second, link: `../${first}` }],
  });
  const opened = await openArchive(temporaryFolder(t), linked);
  assert.deepEqual(
    opened.images[0]?.layers.map((layer) => layer.sizeBytes),
    [2048, 2048],
  );
  await opened.close();
});
