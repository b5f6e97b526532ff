import { type Context, FormatError, limits } from '../core/index.js';
import { type Compression, type TarHandler, TarParser } from '../formats/index.js';
import { recognise, unpack } from './compression.js';
import { algorithmOf, Hash } from './hash.js';
import { asImageError, digestMismatch } from './errors.js';
import { gather } from './gather.js';
import { HardLinks } from './hard-links.js';
import type { Layer } from './image.js';
import type { LayerEntry, LayerProof, LayerVisitor } from './layer-entry.js';
import { toLayerEntry } from './overlay.js';

/**
 * Reads one layer whole, once: hashes what is stored and what it unpacks to, and tells the visitor of every entry. What
 * the visitor learned counts only once this returns: until then the bytes are not proved to be those that the image
 * claims. (A layer with wanted hard links is read again for their files, and only then.)
 * @throws ImageError `DIGEST_MISMATCH` (names both digests), `LAYER_CORRUPT`, `LIMIT_EXCEEDED`; what the visitor throws
 */
export async function visitLayer(context: Context, layer: Layer, visitor: LayerVisitor): Promise<LayerProof> {
  const links = new HardLinks(visitor);
  const proof = await readLayer(context, layer, visitorHandler(visitor, links));
  const quiet: Context = { ...context, progress: undefined };
  for (let handler = links.nextReading(); handler; handler = links.nextReading()) {
    await readLayer(quiet, layer, handler);
  }
  return proof;
}

/**
 * The hash of a layer's stored bytes, read whole.
 * @throws ImageError `LAYER_CORRUPT` when they end too early
 */
export async function hashLayer(context: Context, layer: Layer): Promise<string> {
  const stored = new StoredBytes(context, layer);
  try {
    await stored.hashRest();
    return stored.digest();
  } catch (thrown) {
    throw asImageError(thrown, nameOf(layer), 'LAYER_CORRUPT');
  } finally {
    await stored.close();
  }
}

function visitorHandler(visitor: LayerVisitor, links: HardLinks): TarHandler {
  let current: LayerEntry | undefined;
  return {
    entry(tarEntry) {
      const entry = toLayerEntry(tarEntry);
      current = entry;
      visitor.entry(entry);
      links.see(entry);
      return entry.kind === 'file' ? visitor.wants(entry) : 0;
    },
    // The parser tells of one entry at a time, so that the last one is what the bytes belong to.
    file(_, bytes) {
      if (current) visitor.file(current, bytes);
    },
    tooLarge(_, allowedBytes) {
      if (current) visitor.tooLarge(current, allowedBytes);
    },
  };
}

async function readLayer(context: Context, layer: Layer, handler: TarHandler): Promise<LayerProof> {
  const stored = new StoredBytes(context, layer);
  try {
    const { compression, chunks } = await recognise(stored.chunks());
    const unpacked = new UnpackedBytes(handler, compression, hashOfUnpacked(layer, compression));
    for await (const piece of unpack(chunks, { compression, maxBytes: limits.layerBytes })) unpacked.take(piece);
    return conclude(layer, stored.digest(), unpacked);
  } catch (thrown) {
    throw await explain(layer, stored, thrown);
  } finally {
    await stored.close();
  }
}

/** None for a layer that is not compressed, whose stored bytes are hashed already (almost always by the same algorithm). */
function hashOfUnpacked(layer: Layer, compression: Compression): Hash | undefined {
  const algorithm = algorithmOf(layer.diffId);
  return compression === 'none' && algorithm === storedAlgorithm(layer) ? undefined : new Hash(algorithm);
}

/** Digests first: bytes that are not what the image claims explain whatever else is wrong with them. */
function conclude(layer: Layer, digest: string, unpacked: UnpackedBytes): LayerProof {
  const { compression } = unpacked;
  const diffId = unpacked.digest() ?? digest;
  if (layer.digest !== undefined && digest !== layer.digest) throw digestMismatch(nameOf(layer), layer.digest, digest);
  if (diffId !== layer.diffId) throw digestMismatch(`${nameOf(layer)}, uncompressed,`, layer.diffId, diffId);
  unpacked.end();
  return { digest, diffId, uncompressedBytes: unpacked.bytes, compression };
}

/** Why reading failed. A layer that breaks off or is garbled most likely is not the one that the image claims either. */
async function explain(layer: Layer, stored: StoredBytes, thrown: unknown): Promise<unknown> {
  const isBroken = thrown instanceof FormatError && (thrown.code === 'INVALID' || thrown.code === 'TRUNCATED');
  if (isBroken && layer.digest !== undefined && (await stored.canBeReadOn())) {
    const digest = stored.digest();
    if (digest !== layer.digest) return digestMismatch(nameOf(layer), layer.digest, digest);
  }
  return asImageError(thrown, nameOf(layer), 'LAYER_CORRUPT');
}

/** The stored bytes of a layer, hashed and counted as they go by. */
class StoredBytes {
  readonly #context: Context;
  readonly #layer: Layer;
  readonly #hash: Hash;
  readonly #source: AsyncIterator<Uint8Array>;
  #done = 0;
  #isBroken = false;
  #digest: string | undefined;

  constructor(context: Context, layer: Layer) {
    this.#context = context;
    this.#layer = layer;
    this.#hash = new Hash(storedAlgorithm(layer));
    this.#source = gather(layer.open(context.signal))[Symbol.asyncIterator]();
  }

  /** Whoever stops taking them leaves the rest to be hashed. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk;
  }

  /** Reads on to the end, for the digest alone. */
  async hashRest(): Promise<void> {
    while (await this.#next()); // hashing is what reading them does
  }

  /** Reads on to the end for an error's sake. Not if they themselves are what broke. */
  async canBeReadOn(): Promise<boolean> {
    if (this.#isBroken) return false;
    try {
      await this.hashRest();
      return true;
    } catch {
      this.#context.signal.throwIfAborted();
      return false; // the first error tells enough
    }
  }

  digest(): string {
    this.#digest ??= this.#hash.digest();
    return this.#digest;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { signal } = this.#context;
    const step = await this.#take();
    signal.throwIfAborted();
    if (step.done) return undefined;
    this.#hash.update(step.value);
    this.#done += step.value.length;
    const { sizeBytes } = this.#layer;
    this.#context.progress?.({ task: 'reading layers', done: this.#done, total: sizeBytes, unit: 'bytes' });
    return step.value;
  }

  async #take(): Promise<IteratorResult<Uint8Array, unknown>> {
    try {
      return await this.#source.next();
    } catch (thrown) {
      this.#isBroken = true;
      throw thrown;
    }
  }
}

/**
 * The uncompressed bytes of a layer, hashed and parsed as they go by. When the tar in them turns out to be broken they
 * are hashed on, so that a layer that is not the claimed one is told from one that was made badly.
 */
class UnpackedBytes {
  readonly compression: Compression;
  readonly #parser: TarParser;
  readonly #hash: Hash | undefined;
  #broken: FormatError | undefined;
  bytes = 0;

  constructor(handler: TarHandler, compression: Compression, hash: Hash | undefined) {
    this.compression = compression;
    this.#parser = new TarParser(handler);
    this.#hash = hash;
  }

  take(piece: Uint8Array): void {
    this.bytes += piece.length;
    this.#hash?.update(piece);
    if (this.#broken) return;
    try {
      this.#parser.feed(piece);
    } catch (thrown) {
      if (!(thrown instanceof FormatError) || thrown.code === 'LIMIT_EXCEEDED') throw thrown;
      this.#broken = thrown;
    }
  }

  digest(): string | undefined {
    return this.#hash?.digest();
  }

  end(): void {
    if (this.#broken) throw this.#broken;
    this.#parser.end();
  }
}

/** A layer that no manifest gives a digest is hashed by the algorithm that all the world uses. */
function storedAlgorithm(layer: Layer): string {
  return layer.digest === undefined ? 'sha256' : algorithmOf(layer.digest);
}

function nameOf(layer: Layer): string {
  return `layer ${layer.index + 1} (${layer.digest ?? layer.diffId})`;
}
