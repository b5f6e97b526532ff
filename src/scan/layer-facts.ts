import type { Cache } from '../cache/index.js';
import type { Context } from '../core/index.js';
import type { Image } from '../image/index.js';
import { freshFacts, keptFacts, type FactsOptions, type KeptLayer, type ReadLayer } from './facts-store.js';
import type { LayerReader } from './layer-reader.js';
import { addUpProgress } from './progress.js';
import { sideBySide } from './side-by-side.js';

export interface LayerFactsOptions extends FactsOptions {
  readonly cache: Cache;
  readonly reader: LayerReader;
  /** Told how many bytes the layers known so far unpack to; a throw ends the reading. */
  readonly onUnpacked?: ((bytes: number) => void) | undefined;
}

/**
 * Does something with the facts of an image's layers, bottom first. Kept facts are handed out at once, while the bytes
 * that they belong to are still being hashed: what was done with them counts only if every layer proves to be what it
 * claims. If one does not, or is new, it is read, and the work is done again with what reading it gave.
 * @throws ImageError when a layer cannot be read or is not what the image claims.
 */
export async function withLayerFacts<Result>(
  context: Context,
  image: Image,
  options: LayerFactsOptions,
  work: (layers: readonly ReadLayer[]) => Result,
): Promise<Result> {
  const { reader } = options;
  const kept = image.layers.map((layer) => keptFacts(layer, options.cache, options));
  const total = image.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  const contextOfLayer = addUpProgress(context, 'reading layers', total);

  if (kept.every((layer): layer is KeptLayer => layer !== undefined)) {
    const verifying = sideBySide(kept, reader.width, async (layer) => await layer.verify(contextOfLayer(), reader));
    const result = attempt(() => {
      options.onUnpacked?.(kept.reduce((sum, layer) => sum + layer.facts.uncompressedBytes, 0));
      return work(kept);
    });
    const proved = await verifying;
    if (proved.every(Boolean)) return result.get();
  }

  let unpackedBytes = 0;
  const layers = await sideBySide(image.layers, reader.width, async (layer, index) => {
    const before = kept[index];
    const isProved = before !== undefined && (await before.verify(contextOfLayer(), reader));
    const read = isProved ? before : await freshFacts(contextOfLayer(), layer, options);
    unpackedBytes += read.facts.uncompressedBytes;
    options.onUnpacked?.(unpackedBytes);
    return read;
  });
  return work(layers);
}

/** Runs it now, and throws what it threw only when its result is asked for: nothing unproved may end a scan. */
function attempt<Result>(task: () => Result): { get(): Result } {
  try {
    const result = task();
    return { get: () => result };
  } catch (thrown) {
    return {
      get() {
        throw thrown;
      },
    };
  }
}
