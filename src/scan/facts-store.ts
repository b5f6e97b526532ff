import type { Cache } from '../cache/index.js';
import type { Context } from '../core/index.js';
import { hashLayer, visitLayer, type Layer } from '../image/index.js';
import {
  createLayerCatalog,
  decodeLayerFacts,
  encodeLayerFacts,
  type CatalogOptions,
  type LayerFacts,
} from '../packages/index.js';

export interface FactsOptions {
  readonly catalog: CatalogOptions;
  /** Changes whenever the same bytes could give other facts. */
  readonly fingerprint: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What reading a layer, or finding it unchanged, gave. */
export interface ReadLayer {
  readonly facts: LayerFacts;
  /** Hash of the stored bytes; absent for a layer that is stored uncompressed, whose diff ID says the same. */
  readonly digest?: string | undefined;
}

/**
 * The facts of one layer, kept ones where its bytes were read before. The stored bytes are hashed on every run, and
 * facts are found through that hash alone: a pair of digest and diff ID is kept only after we hashed both ourselves.
 * What the config claims can make us read a layer again, never make us use another layer's facts.
 * @throws ImageError `DIGEST_MISMATCH` when the bytes are not what the image claims.
 */
export async function readLayerFacts(
  context: Context,
  layer: Layer,
  cache: Cache,
  options: FactsOptions,
): Promise<ReadLayer> {
  return (await keptFacts(context, layer, cache, options)) ?? (await freshFacts(context, layer, cache, options));
}

/** Hashing first is only worth it when there are facts that the hash could lead to. */
async function keptFacts(
  context: Context,
  layer: Layer,
  cache: Cache,
  options: FactsOptions,
): Promise<ReadLayer | undefined> {
  if (layer.digest !== undefined && diffIdOf(cache, layer.digest) !== layer.diffId) return undefined;
  const kept = cache.get(factsKey(options, layer.diffId));
  if (kept === undefined) return undefined;
  const facts = decodeLayerFacts(kept);
  if (facts === undefined) return undefined;
  const digest = await hashLayer(context, layer);
  if (layer.digest !== undefined && digest !== layer.digest) return undefined;
  return diffIdOf(cache, digest) === layer.diffId ? readLayer(facts, digest, layer.diffId) : undefined;
}

async function freshFacts(context: Context, layer: Layer, cache: Cache, options: FactsOptions): Promise<ReadLayer> {
  const catalog = createLayerCatalog(options.catalog);
  const proof = await visitLayer(context, layer, catalog.visitor);
  const facts = catalog.finish(proof);
  cache.put(factsKey(options, proof.diffId), encodeLayerFacts(facts));
  cache.put(pairKey(proof.digest), encoder.encode(proof.diffId));
  return readLayer(facts, proof.digest, proof.diffId);
}

function readLayer(facts: LayerFacts, digest: string, diffId: string): ReadLayer {
  return { facts, digest: digest === diffId ? undefined : digest };
}

function diffIdOf(cache: Cache, digest: string): string | undefined {
  const kept = cache.get(pairKey(digest));
  return kept === undefined ? undefined : decoder.decode(kept);
}

function factsKey(options: FactsOptions, diffId: string): string {
  return `facts ${options.fingerprint} ${diffId}`;
}

function pairKey(digest: string): string {
  return `diff-id ${digest}`;
}
