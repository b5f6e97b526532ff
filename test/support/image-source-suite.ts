import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext } from '../../src/core/index.js';
import { type Image, type LayerEntry, openImages, type OpenedImages, visitLayer } from '../../src/image/index.js';
import { buildImage, type Compression, type ImageSpec } from './image-builder.js';

export const amd64 = { os: 'linux', architecture: 'amd64' } as const;

/** An image with two layers whose content, history and hashes are known. */
export function sampleImage(compression: Compression, overrides: Partial<ImageSpec> = {}): ImageSpec {
  return {
    compression,
    tags: ['demo:1.0'],
    config: { Cmd: ['/bin/sh'] },
    emptyHistory: ['CMD ["/bin/sh"]'],
    layers: [
      {
        createdBy: 'ADD rootfs.tar /',
        items: [
          { path: 'etc', dir: true },
          { path: 'etc/os-release', content: 'ID=demo\n' },
          { path: `usr/${'long-name/'.repeat(15)}file`, content: 'x'.repeat(3000) },
          { path: 'bin/sh', link: '/bin/busybox' },
        ],
      },
      {
        createdBy: 'RUN rm',
        items: [
          { path: 'etc/os-release', whiteout: true },
          { path: 'var', opaque: true },
          { path: 'etc/copy', content: 'again' },
        ],
      },
    ],
    ...overrides,
  };
}

const expectedEntries = [
  ['directory etc', 'file etc/os-release', `file usr/${'long-name/'.repeat(15)}file`, 'symlink bin/sh /bin/busybox'],
  ['whiteout etc/os-release', 'opaque var', 'file etc/copy'],
];

/**
 * What every source must do with the sample image: the same image id, config, layers, history and content, whatever the
 * medium; everything verified and everything closed.
 */
export async function assertSampleImage(opened: OpenedImages, spec: ImageSpec, hasManifest: boolean): Promise<void> {
  const built = buildImage(spec);
  const [image] = opened.images;
  assert.ok(image);
  assert.equal(opened.images.length, 1);
  assert.equal(image.imageId, built.imageId);
  assert.equal(image.manifestDigest, hasManifest ? built.manifestDigest : undefined);
  assert.deepEqual(image.config.document['config'], { Cmd: ['/bin/sh'] });
  assert.deepEqual(
    image.layers.map((layer) => [layer.index, layer.diffId, layer.sizeBytes, layer.createdBy]),
    built.layers.map((layer, index) => [
      index,
      layer.diffId,
      layer.stored.length,
      ['ADD rootfs.tar /', 'RUN rm'][index],
    ]),
  );
  const seen = await Promise.all(image.layers.map((_, index) => readEntries(image, index)));
  assert.deepEqual(
    seen.map(({ entries }) => entries),
    expectedEntries,
  );
  assert.equal(seen[0]?.files.get('etc/os-release'), 'ID=demo\n');
  for (const [index, { proof }] of seen.entries()) {
    assert.equal(proof.digest, built.layers[index]?.digest);
    assert.equal(proof.diffId, built.layers[index]?.diffId);
    assert.equal(proof.uncompressedBytes, built.layers[index]?.tar.length);
  }
}

/** Everything of one layer: entries as short texts, contents of all files, or of one path. */
export async function readEntries(image: Image, index: number, onlyPath?: string) {
  const layer = image.layers[index];
  assert.ok(layer);
  const entries: string[] = [];
  const files = new Map<string, string>();
  const problems: string[] = [];
  const describe = ({ kind, path, linkTarget }: LayerEntry) =>
    [kind, path, ...(linkTarget ? [linkTarget] : [])].join(' ');
  const proof = await visitLayer(createContext(), layer, {
    entry: (entry) => entries.push(describe(entry)),
    wants: ({ path }) => (onlyPath === undefined || path === onlyPath ? 1 << 20 : 0),
    file: (entry, bytes) => files.set(entry.path, new TextDecoder().decode(bytes)),
    tooLarge: (entry) => problems.push(`too large ${entry.path}`),
    unresolved: (entry) => problems.push(`unresolved ${entry.path}`),
  });
  return { entries, files, problems, proof };
}

/** Writes an archive into a folder and opens it. */
export async function openArchive(
  folder: string,
  archive: Uint8Array,
  options: Partial<Parameters<typeof openImages>[1]> = {},
): Promise<OpenedImages> {
  const input = join(folder, 'archive');
  writeFileSync(input, archive);
  return await openImages(createContext(), { input, hostPlatform: amd64, spoolDir: join(folder, 'spool'), ...options });
}

/** The error, with its code, of an archive that must not open, or whose image must not read. */
export async function openingFails(
  folder: string,
  archive: Uint8Array,
  options: Partial<Parameters<typeof openImages>[1]> = {},
): Promise<{ readonly code: unknown; readonly message: string }> {
  try {
    const opened = await openArchive(folder, archive, options);
    try {
      for (const image of opened.images) for (const layer of image.layers) await readEntries(image, layer.index);
    } finally {
      await opened.close();
    }
  } catch (thrown) {
    assert.ok(thrown instanceof Error);
    return { code: 'code' in thrown ? thrown.code : undefined, message: thrown.message };
  }
  return assert.fail('nothing was wrong with it');
}
