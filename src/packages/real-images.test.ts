import assert from 'node:assert/strict';
import test from 'node:test';
import { sharedIsAbsent, sharedPath, temporaryFolder } from '../../test/support/paths.js';
import { createContext } from '../core/index.js';
import { openImages, visitLayer } from '../image/index.js';
import { createLayerCatalog } from './catalog.js';
import { decodeLayerFacts, encodeLayerFacts } from './facts-encoding.js';
import type { ImageFacts } from './image-facts.js';
import type { LayerFacts } from './layer-facts.js';
import { squashLayers } from './squash.js';

const images = [
  { file: 'alpine-3.11.docker.tar.gz', system: 'alpine 3.11.5', packages: 14, codes: [] },
  { file: 'alpine-3.14.containerd.tar', system: 'alpine 3.14.9', packages: 14, codes: [] },
  { file: 'busybox-armv7.oci-archive.tar', system: undefined, packages: 0, codes: ['NO_OS'] },
];

for (const { file, system, packages, codes } of images) {
  test(`a real image: ${file}`, async (t) => {
    const input = sharedPath('data', 'images', file);
    if (input === undefined) return t.skip(sharedIsAbsent);
    const { facts, kept } = await factsOf(input, temporaryFolder(t));
    assert.equal(facts.operatingSystem && `${facts.operatingSystem.family} ${facts.operatingSystem.name}`, system);
    assert.equal(facts.osPackages.length, packages);
    assert.ok(facts.osPackages.every((each) => each.purl?.startsWith('pkg:apk/alpine/') && each.layerIndex === 0));
    assert.deepEqual(
      facts.unknowns.map((each) => each.code),
      codes,
    );
    assert.equal(JSON.stringify(kept), JSON.stringify(facts), 'kept facts give the same');
  });
}

async function factsOf(
  input: string,
  spoolDir: string,
): Promise<{ readonly facts: ImageFacts; readonly kept: ImageFacts }> {
  const context = createContext();
  const hostPlatform = { os: 'linux', architecture: 'amd64' };
  const opened = await openImages(context, {
    input,
    spoolDir,
    hostPlatform,
    reference: undefined,
    platform: undefined,
  });
  try {
    const layers: LayerFacts[] = [];
    for (const layer of opened.images[0]?.layers ?? []) {
      const catalog = createLayerCatalog({ kinds: { language: true } });
      layers.push(catalog.finish(await visitLayer(context, layer, catalog.visitor)));
    }
    assert.ok(layers.length > 0);
    const kept = layers.flatMap((layer) => decodeLayerFacts(encodeLayerFacts(layer)) ?? []);
    return { facts: squashLayers(layers), kept: squashLayers(kept) };
  } finally {
    await opened.close();
  }
}
