import type { Context } from '../core/index.js';
import { hashLayer, visitLayer, type Layer, type LayerProof } from '../image/index.js';
import { createLayerCatalog, encodeLayerFacts, type CatalogOptions, type LayerFacts } from '../packages/index.js';

/** What reading a layer from its first to its last byte gave. */
export interface CatalogedLayer {
  readonly proof: LayerProof;
  /** The layer's facts, encoded. */
  readonly encoded: Uint8Array;
  /** The same, where they were found in this thread. */
  readonly facts?: LayerFacts | undefined;
}

/** Reads layers, here or elsewhere. */
export interface LayerReader {
  /** Layers that it can read at a time. */
  readonly width: number;
  /** Told early which layers it will have to read. */
  prepare(layers: readonly Layer[]): void;
  /** @throws ImageError when the bytes are not what the image claims, or cannot be read. */
  catalog(context: Context, layer: Layer, options: CatalogOptions): Promise<CatalogedLayer>;
  /** The hash of the stored bytes. */
  hash(context: Context, layer: Layer): Promise<string>;
  close(): Promise<void>;
}

/** Reads layers in this thread; inflating runs beside it. */
export function readerHere(width: number): LayerReader {
  return { width, prepare() {}, catalog: catalogLayer, hash: hashLayer, close: async () => {} };
}

/** The facts of one layer, straight from its bytes. */
export async function catalogLayer(context: Context, layer: Layer, options: CatalogOptions): Promise<CatalogedLayer> {
  const catalog = createLayerCatalog(options);
  const proof = await visitLayer(context, layer, catalog.visitor);
  const facts = catalog.finish(proof);
  return { proof, facts, encoded: encodeLayerFacts(facts) };
}
