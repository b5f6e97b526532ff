import type { Cache } from '../../cache/index.js';
import { TidewaiterError, type Context } from '../../core/index.js';
import { type Descriptor, mediaKind, parseImageIndex, parseManifest } from '../../oci/index.js';
import type { Digest, Reference } from '../../reference/index.js';
import type { FetchedManifest, RegistryClient, Repository } from '../../registry/index.js';
import { hashOf } from '../documents.js';
import { algorithmOf } from '../hash.js';

/** What is asked of a registry in order to open an image. */
export type ImageRegistry = Pick<RegistryClient, 'fetchManifest' | 'fetchBlob' | 'hasBlob'>;

/** Nobody is asked: what is not kept is not there. */
export const noRegistry: ImageRegistry = {
  fetchManifest: () => Promise.reject(notAsked()),
  async *fetchBlob() {
    yield await Promise.reject<Uint8Array>(notAsked());
  },
  hasBlob: () => Promise.reject(notAsked()),
};

function notAsked(): TidewaiterError {
  return new TidewaiterError('OFFLINE', 'it is not kept, and nobody was to be asked');
}

/** Who reads layers hashes them, and keeps what it finds in them: only documents are kept. */
interface StoredDocuments {
  readonly client: ImageRegistry;
  readonly cache: Cache;
}

/**
 * A registry whose manifests, indexes and configs are kept by digest: what was had once is not asked for again, from
 * whichever repository. Tags are always asked for. What is read back counts only if it hashes to its digest.
 */
export function withStoredDocuments(client: ImageRegistry, cache: Cache): ImageRegistry {
  const stored = { client, cache };
  return {
    fetchManifest: async (context, reference) => await fetchManifest(stored, context, reference),
    fetchBlob: (context, repository, blob, options) =>
      options?.unchecked === true || options?.start !== undefined
        ? client.fetchBlob(context, repository, blob, options)
        : fetchDocument(stored, context, repository, blob),
    hasBlob: async (context, repository, digest) => await hasBlob(stored, context, repository, digest),
  };
}

async function fetchManifest(
  { client, cache }: StoredDocuments,
  context: Context,
  reference: Reference,
): Promise<FetchedManifest> {
  const { digest } = reference;
  const bytes = digest && storedBytes(cache, digest);
  if (digest && bytes) return { bytes, digest, mediaType: '' };
  const fetched = await client.fetchManifest(context, reference);
  // The type is not part of the digest: what only one registry calls an index must not become one for all.
  if (mediaKind(fetched.mediaType) === ownKind(fetched.bytes)) store(cache, fetched.digest, fetched.bytes);
  return fetched;
}

async function* fetchDocument(
  { client, cache }: StoredDocuments,
  context: Context,
  repository: Repository,
  { digest, sizeBytes }: Pick<Descriptor, 'digest' | 'sizeBytes'>,
): AsyncIterable<Uint8Array> {
  const kept = storedBytes(cache, digest);
  if (kept) return void (yield kept);
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for await (const chunk of client.fetchBlob(context, repository, { digest, sizeBytes })) {
    if (at + chunk.length <= sizeBytes) bytes.set(chunk, at);
    at += chunk.length;
    yield chunk;
  }
  if (at === sizeBytes) store(cache, digest, bytes);
}

/** Of layers that registries may leave out: one that was there once. */
async function hasBlob(
  { client, cache }: StoredDocuments,
  context: Context,
  { registry, repository }: Repository,
  digest: Digest,
): Promise<boolean> {
  const key = `blob ${registry}/${repository}@${digest}`;
  if (cache.get(key)) return true;
  const isThere = await client.hasBlob(context, { registry, repository }, digest);
  if (isThere) cache.put(key, new Uint8Array());
  return isThere;
}

/** What a document is by its own members alone; nothing where these do not tell, or tell two things. */
export function ownKind(bytes: Uint8Array): 'index' | 'manifest' | undefined {
  const [isManifest, isIndex] = [isReadBy(parseManifest, bytes), isReadBy(parseImageIndex, bytes)];
  if (isManifest === isIndex) return undefined;
  return isManifest ? 'manifest' : 'index';
}

function isReadBy(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  try {
    parse(bytes);
    return true;
  } catch {
    return false; // it is something else
  }
}

function storedBytes(cache: Cache, digest: Digest): Uint8Array | undefined {
  const bytes = cache.get(documentKey(digest));
  return bytes && hashOf(bytes, algorithmOf(digest)) === digest ? bytes : undefined;
}

function store(cache: Cache, digest: Digest, bytes: Uint8Array): void {
  if (hashOf(bytes, algorithmOf(digest)) === digest) cache.put(documentKey(digest), bytes);
}

function documentKey(digest: Digest): string {
  return `document ${digest}`;
}
