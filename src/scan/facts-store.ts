import type { Cache } from '../cache/index.js';
import type { Context } from '../core/index.js';
import type { Layer } from '../image/index.js';
import { decodeLayerFacts, type CatalogOptions, type LayerFacts } from '../packages/index.js';
import type { LayerReader } from './layer-reader.js';

export interface FactsOptions {
  readonly catalog: CatalogOptions;
  /** Changes whenever the same bytes could give other facts. */
  readonly fingerprint: string;
}

/** What reading a layer, or finding it unchanged, gave. */
export interface ReadLayer {
  readonly facts: LayerFacts;
  /** Hash of the stored bytes; absent for a layer that is stored uncompressed, whose diff ID says the same. */
  readonly digest?: string | undefined;
}

/** Facts that hold if the layer's stored bytes hash to a digest that we once saw unpack to its diff ID. */
export interface KeptLayer extends ReadLayer {
  /**
   * Hashes the stored bytes, every one of them: are they those that the facts are of? Where bytes can only be had by
   * their digest, they are.
   */
  verify(context: Context, reader: LayerReader): Promise<boolean>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The facts that an earlier run kept of a layer. They are the layer's only once `verify` says so: facts are found
 * through the hash of the bytes before us, and through a pair of digest and diff ID of which we hashed both sides
 * ourselves. What the image claims leads to no other layer's facts; at most it makes us read this one again.
 */
export function keptFacts(layer: Layer, cache: Cache, options: FactsOptions): KeptLayer | undefined {
  const digest = layer.digest ?? digestOf(cache, layer.diffId);
  if (digest === undefined || diffIdOf(cache, digest) !== layer.diffId) return undefined;
  const kept = cache.get(factsKey(options, layer.diffId));
  const facts = kept && decodeLayerFacts(kept);
  if (!facts) return undefined;
  const verify = async (context: Context, reader: LayerReader): Promise<boolean> => {
    if (needsNoReading(layer)) return true;
    const actual = await reader.hash(context, layer);
    return actual === digest || (layer.digest === undefined && diffIdOf(cache, actual) === layer.diffId);
  };
  return { ...readLayer(facts, digest, layer.diffId), verify };
}

/** Nothing but bytes of its digest could come, and the pair of digest and diff ID is one that we saw. */
export function needsNoReading({ contentAddressed, digest }: Layer): boolean {
  return contentAddressed === true && digest !== undefined;
}

/**
 * The facts of a layer whose bytes are read, hashed before and after unpacking, and cataloged; they are kept for later.
 * @throws ImageError `DIGEST_MISMATCH` when the bytes are not what the image claims.
 */
export async function freshFacts(
  context: Context,
  layer: Layer,
  store: { readonly cache: Cache; readonly reader: LayerReader } & FactsOptions,
): Promise<ReadLayer> {
  const { cache, reader } = store;
  const { proof, encoded, facts = decodeLayerFacts(encoded) } = await reader.catalog(context, layer, store.catalog);
  if (facts === undefined) throw new TypeError('facts of a layer that cannot be read back');
  cache.put(factsKey(store, proof.diffId), encoded);
  cache.put(diffIdKey(proof.digest), encoder.encode(proof.diffId));
  cache.put(digestKey(proof.diffId), encoder.encode(proof.digest));
  return readLayer(facts, proof.digest, proof.diffId);
}

function readLayer(facts: LayerFacts, digest: string, diffId: string): ReadLayer {
  return { facts, digest: digest === diffId ? undefined : digest };
}

/** What stored bytes with this digest unpack to, as we saw it. */
function diffIdOf(cache: Cache, digest: string): string | undefined {
  return textOf(cache.get(diffIdKey(digest)));
}

/** A digest that we saw unpack to this: the last of possibly many, and only a guess of what a layer will hash to. */
function digestOf(cache: Cache, diffId: string): string | undefined {
  return textOf(cache.get(digestKey(diffId)));
}

function textOf(kept: Uint8Array | undefined): string | undefined {
  return kept && decoder.decode(kept);
}

function factsKey(options: FactsOptions, diffId: string): string {
  return `facts ${options.fingerprint} ${diffId}`;
}

function diffIdKey(digest: string): string {
  return `diff-id ${digest}`;
}

function digestKey(diffId: string): string {
  return `digest ${diffId}`;
}
