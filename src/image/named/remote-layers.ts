import type { CancelSignal, Context } from '../../core/index.js';
import { type Descriptor, type ImageConfig, layerHistory, type Manifest } from '../../oci/index.js';
import type { Repository } from '../../registry/index.js';
import { layerCountMismatch } from '../documents.js';
import { ImageError } from '../errors.js';
import type { Layer } from '../image.js';
import type { ImageRegistry } from './stored-documents.js';

export interface RemotePlace {
  readonly context: Context;
  readonly client: ImageRegistry;
  readonly repository: Repository;
}

/**
 * The layers of an image in a registry; each is fetched whenever it is read.
 * @throws ImageError `LAYER_COUNT_MISMATCH`; `UNSUPPORTED` for layers that are encrypted, or that lie elsewhere
 */
export async function remoteLayers(
  place: RemotePlace,
  { layers }: Manifest,
  config: ImageConfig,
): Promise<readonly Layer[]> {
  if (layers.length !== config.diffIds.length) throw layerCountMismatch(layers.length, config.diffIds.length);
  const history = layerHistory(config);
  for (const [index, layer] of layers.entries()) await checkServed(place, layer, index);
  return layers.map((descriptor, index) => {
    const { digest, sizeBytes } = descriptor;
    const diffId = config.diffIds[index];
    if (diffId === undefined) throw new RangeError(`no diff ID ${index}`);
    const open = (signal: CancelSignal) => openLayer(place, descriptor, signal);
    return { index, diffId, digest, sizeBytes, createdBy: history[index], contentAddressed: true, open };
  });
}

/** Whoever reads a layer hashes its bytes: once is enough. */
function openLayer(
  { context, client, repository }: RemotePlace,
  descriptor: Descriptor,
  signal: CancelSignal,
): AsyncIterable<Uint8Array> {
  return client.fetchBlob({ ...context, signal, progress: undefined }, repository, descriptor, { unchecked: true });
}

/** Layers of Windows base images may not be handed on: many registries hold only their addresses. */
async function checkServed({ context, client, repository }: RemotePlace, layer: Descriptor, index: number) {
  const type = layer.mediaType.toLowerCase();
  if (type.endsWith('+encrypted')) {
    throw new ImageError('UNSUPPORTED', `layer ${index + 1} (${layer.digest}) is encrypted`, {
      hint: 'decrypt the image first',
    });
  }
  if (!type.includes('nondistributable') && !type.includes('.foreign.')) return;
  if (await client.hasBlob(context, repository, layer.digest)) return;
  throw new ImageError(
    'UNSUPPORTED',
    `layer ${index + 1} (${layer.digest}) may not be distributed and lies elsewhere, not in this registry`,
    { hint: 'pull the image with docker, save it, and use --input FILE' },
  );
}
