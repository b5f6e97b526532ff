import { createHash } from 'node:crypto';
import { type Context, isTidewaiterError, limits, messageOf } from '../core/index.js';
import { asObject, type JsonObject, parseJson } from '../formats/index.js';
import type { HttpResponse } from '../http/index.js';
import { type Descriptor, mediaKind } from '../oci/index.js';
import { type Digest, parseDigest, type Reference } from '../reference/index.js';
import { fetchDocument } from './documents.js';
import { describeEndpoint, type Endpoint, repositoryAt } from './endpoint.js';
import { RegistryError } from './errors.js';
import { answerError, type Asked } from './failures.js';
import type { FetchedManifest } from './registry-client.js';
import type { Session } from './session.js';
import { printable } from './words.js';

/** The kinds of manifests that we read, best first. */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** A manifest as one endpoint has it, checked against the digest of the reference and whatever the endpoint claims. */
export async function fetchManifestFrom(
  context: Context,
  session: Session,
  endpoint: Endpoint,
  reference: Reference,
): Promise<FetchedManifest> {
  const asked = askedFor(endpoint, reference);
  const place = { endpoint, maxBytes: limits.imageDocumentBytes };
  const { response, bytes } = await fetchDocument(context, place, async () => {
    const answer = await ask(context, session, 'GET', { endpoint, reference });
    if (answer.status === 200) return answer;
    throw answerError(asked, await session.words(answer), answer.header('retry-after'));
  });
  const digest = reference.digest ?? digestOf(bytes, 'sha256');
  if (digestOf(bytes, algorithmOf(digest)) !== digest) throw mismatch(asked, digest);
  const claimed = claimedDigest(response);
  if (claimed !== undefined && digestOf(bytes, algorithmOf(claimed)) !== claimed) throw mismatch(asked, claimed);
  const mediaType = mediaTypeOf(asked, response, readDocument(asked, bytes));
  return { bytes, mediaType, digest };
}

/** What an endpoint says of a manifest; nothing when it has none. */
export async function findManifestAt(
  context: Context,
  session: Session,
  endpoint: Endpoint,
  reference: Reference,
): Promise<Descriptor | undefined> {
  const asked = askedFor(endpoint, reference);
  const response = await ask(context, session, 'HEAD', { endpoint, reference });
  await response.discard();
  if (response.status === 404) return undefined;
  if (response.status === 429 || response.status >= 500) {
    throw answerError(asked, await session.words(response), response.header('retry-after'));
  }
  const found = response.status === 200 ? describeHead(response, reference) : undefined;
  if (found === undefined) {
    // HEAD is refused, or does not tell enough.
    const { bytes, mediaType, digest } = await fetchManifestFrom(context, session, endpoint, reference);
    return { mediaType, digest, sizeBytes: bytes.length, annotations: new Map() };
  }
  const claimed = claimedDigest(response);
  if (reference.digest === undefined || claimed === undefined || claimed === reference.digest) return found;
  // Of another algorithm it may be right all the same.
  if (algorithmOf(claimed) !== algorithmOf(reference.digest)) return found;
  throw mismatch(asked, reference.digest);
}

/** For messages: repository with tag or digest. */
export function askedFor(endpoint: Endpoint, { repository, tag, digest }: Reference): Asked {
  const what = digest === undefined ? `${repository}:${tag ?? 'latest'}` : `${repository}@${digest}`;
  return { endpoint, what, unknown: 'MANIFEST_UNKNOWN' };
}

export function digestOf(bytes: Uint8Array, algorithm: string): Digest {
  return parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
}

/** `sha256` of `sha256:...`. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** What the registry says that the digest is: never believed, but compared. */
export function claimedDigest(response: HttpResponse): Digest | undefined {
  const text = response.header('docker-content-digest');
  if (text === undefined) return undefined;
  try {
    return parseDigest(text.trim());
  } catch {
    // An algorithm that we do not know, or no digest at all: nothing to compare with.
    return undefined;
  }
}

async function ask(
  context: Context,
  session: Session,
  method: 'GET' | 'HEAD',
  { endpoint, reference }: { readonly endpoint: Endpoint; readonly reference: Reference },
): Promise<HttpResponse> {
  const target = { endpoint, repository: reference.repository, action: 'pull' } as const;
  const name = reference.digest ?? reference.tag ?? 'latest';
  const path = `${repositoryAt(endpoint, reference.repository)}/manifests/${name}`;
  return await session.request(context, target, { method, path, headers: { accept } });
}

function describeHead(response: HttpResponse, reference: Reference): Descriptor | undefined {
  const digest = reference.digest ?? claimedDigest(response);
  const mediaType = bareType(response);
  const length = response.header('content-length') ?? '';
  if (digest === undefined || !isManifestType(mediaType) || !/^\d{1,15}$/.test(length)) return undefined;
  return { mediaType, digest, sizeBytes: Number(length), annotations: new Map() };
}

function readDocument(asked: Asked, bytes: Uint8Array): JsonObject {
  try {
    const document = asObject(parseJson(bytes));
    if (document) return document;
  } catch (error) {
    if (!isTidewaiterError(error)) throw error;
    const message = `${describeEndpoint(asked.endpoint)} gave something for ${asked.what} that is no manifest: ${messageOf(error)}`;
    throw new RegistryError('INVALID_ANSWER', printable(message, 500));
  }
  const message = `${describeEndpoint(asked.endpoint)} gave something for ${asked.what} that is no manifest`;
  throw new RegistryError('INVALID_ANSWER', message);
}

/** The header's type; where that says nothing, what the document says, or looks like. */
function mediaTypeOf(asked: Asked, response: HttpResponse, document: JsonObject): string {
  const header = bareType(response);
  const inside = typeof document['mediaType'] === 'string' ? document['mediaType'] : '';
  if (isSchema1(header) || document['schemaVersion'] === 1) {
    const name = describeEndpoint(asked.endpoint);
    throw new RegistryError('UNSUPPORTED', `${name} has ${asked.what} only as Docker schema 1, which is not read`, {
      hint: 'push the image again with a tool of these years',
    });
  }
  if (isManifestType(header)) return header;
  if (inside !== '') return printable(inside, 255);
  if (document['manifests'] !== undefined) return 'application/vnd.oci.image.index.v1+json';
  if (document['layers'] !== undefined || document['config'] !== undefined) {
    return 'application/vnd.oci.image.manifest.v1+json';
  }
  if (/^application\/.*json$/.test(header) && header !== 'application/json') return printable(header, 255);
  const name = describeEndpoint(asked.endpoint);
  throw new RegistryError('INVALID_ANSWER', `${name} gave something for ${asked.what} that is no manifest`);
}

function isManifestType(mediaType: string): boolean {
  const kind = mediaKind(mediaType);
  return kind === 'manifest' || kind === 'index';
}

function isSchema1(mediaType: string): boolean {
  return mediaType.startsWith('application/vnd.docker.distribution.manifest.v1+');
}

function bareType(response: HttpResponse): string {
  return ((response.header('content-type') ?? '').split(';', 1)[0] ?? '').trim().toLowerCase();
}

function mismatch({ endpoint, what }: Asked, digest: Digest): RegistryError {
  const message = `what ${describeEndpoint(endpoint)} gave for ${what} does not have the digest ${digest}`;
  return new RegistryError('DIGEST_MISMATCH', message, {
    hint: 'the bytes were changed on the way or in the registry',
  });
}
