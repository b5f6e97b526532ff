import type { Cache } from '../cache/index.js';
import type { Context } from '../core/index.js';
import type { Image, Layer } from '../image/index.js';
import {
  freshFacts,
  keptFacts,
  needsNoReading,
  type FactsOptions,
  type KeptLayer,
  type ReadLayer,
} from './facts-store.js';
import type { LayerReader } from './layer-reader.js';
import { addUpProgress } from './progress.js';
import { sideBySide } from './side-by-side.js';

export interface LayerFactsOptions extends FactsOptions {
  readonly cache: Cache;
  readonly reader: LayerReader;
  /** Layers of this run that were read, or proved to be those that facts were kept of: none is read twice. */
  readonly known: KnownLayers;
  /** Told how many bytes the layers known so far unpack to; a throw ends the reading. */
  readonly onUnpacked?: ((bytes: number) => void) | undefined;
}

/** By digest and diff ID. Where images of several platforms lie together, one digest is one blob. */
export type KnownLayers = Map<string, Promise<ReadLayer>>;

/**
 * Does something with the facts of an image's layers, bottom first. Kept facts are handed out at once, while the bytes
 * that they belong to are still being hashed: what was done with them counts only if every layer proves to be what it
 * claims. If one does not, or is new, it is read, and the work is done again with what reading it gave.
 * @throws ImageError when a layer cannot be read or is not what the image claims; RegistryError.
 */
export async function withLayerFacts<Result>(
  context: Context,
  image: Image,
  options: LayerFactsOptions,
  work: (layers: readonly ReadLayer[]) => Result,
): Promise<Result> {
  const { reader, known } = options;
  const kept = image.layers.map((layer) => keptFacts(layer, options.cache, options));
  const unread = image.layers.filter(
    (layer, index) => !isKnown(known, layer) && !(kept[index] && needsNoReading(layer)),
  );
  reader.prepare(unread);
  const contextOfLayer = addUpProgress(context, 'reading layers', unread);
  const verify = async (before: KeptLayer, layer: Layer): Promise<boolean> => {
    if (isKnown(known, layer)) return true;
    if (!(await before.verify(contextOfLayer(layer), reader))) return false;
    void remember(known, layer, Promise.resolve(before));
    return true;
  };

  if (kept.every((layer): layer is KeptLayer => layer !== undefined)) {
    const verifying = sideBySide(image.layers, reader.width, async (layer, index) => {
      const before = kept[index];
      return before !== undefined && (await verify(before, layer));
    });
    const result = attempt(() => {
      options.onUnpacked?.(kept.reduce((sum, layer) => sum + layer.facts.uncompressedBytes, 0));
      return work(kept);
    });
    const proved = await verifying;
    if (proved.every(Boolean)) return result.get();
  }

  const read = async (layer: Layer, before: KeptLayer | undefined): Promise<ReadLayer> => {
    if (before !== undefined && (await verify(before, layer))) return before;
    return await freshFacts(contextOfLayer(layer), layer, options);
  };
  let unpackedBytes = 0;
  const layers = await sideBySide(image.layers, reader.width, async (layer, index) => {
    const one = await (known.get(keyOf(layer) ?? '') ?? remember(known, layer, read(layer, kept[index])));
    unpackedBytes += one.facts.uncompressedBytes;
    options.onUnpacked?.(unpackedBytes);
    return one;
  });
  return work(layers);
}

/** A layer of which nothing claims a digest is known by what reading it proves, and by nothing else. */
function keyOf({ digest, diffId }: Layer): string | undefined {
  return digest === undefined ? undefined : `${digest} ${diffId}`;
}

function isKnown(known: KnownLayers, layer: Layer): boolean {
  return known.has(keyOf(layer) ?? '');
}

function remember(known: KnownLayers, layer: Layer, reading: Promise<ReadLayer>): Promise<ReadLayer> {
  const key = keyOf(layer);
  if (key !== undefined) known.set(key, reading);
  return reading;
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
