import { type Context, isTidewaiterError } from '../core/index.js';
import { asArray, asObject, asString, type JsonObject, parseJson } from '../formats/index.js';
import { type Digest, digestHex, parseDigest } from '../reference/index.js';
import type { Endpoint } from './endpoint.js';
import { RegistryError } from './errors.js';
import { answerError } from './failures.js';
import { algorithmOf, askedFor, digestOf, fetchManifestFrom } from './manifests.js';
import { putManifest } from './put-manifest.js';
import type { FetchedManifest } from './registry-client.js';
import type { Session } from './session.js';

const indexType = 'application/vnd.oci.image.index.v1+json';

/** The tag under which registries without the referrers API keep what refers to a manifest. */
export function referrersTag(digest: Digest): string {
  return `${algorithmOf(digest)}-${digestHex(digest).slice(0, 64)}`;
}

/** What was pushed, and where. */
interface Referrer {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly manifest: Omit<FetchedManifest, 'digest'>;
  readonly digest: Digest;
}

/**
 * Adds a manifest that has a subject to the list that is kept under the subject's tag; does nothing for others.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
export async function addToReferrersTag(context: Context, session: Session, referrer: Referrer): Promise<void> {
  const { endpoint, repository, digest } = referrer;
  const document = readDocument(referrer.manifest.bytes);
  const subject = subjectOf(document);
  if (!document || !subject) return;
  const reference = { registry: endpoint.registry, repository, tag: referrersTag(subject) };
  const index = await fetchIndex(context, session, endpoint, reference);
  const listed = asArray(index['manifests']) ?? [];
  if (listed.some((each) => asObject(each)?.['digest'] === digest)) return;

  const manifests = [...listed, describe(referrer, document)];
  const bytes = new TextEncoder().encode(JSON.stringify({ ...index, manifests }));
  const manifest = { bytes, mediaType: indexType };
  const put = { endpoint, reference, manifest, digest: digestOf(bytes, 'sha256') };
  const response = await putManifest(context, session, put);
  const words = await session.words(response);
  if (words.status >= 200 && words.status <= 202) return;
  throw answerError({ ...askedFor(endpoint, reference), isPush: true }, words, response.header('retry-after'));
}

/** The list as it is, with members that we do not know; an empty one where there is none. */
async function fetchIndex(
  context: Context,
  session: Session,
  endpoint: Endpoint,
  reference: { readonly registry: string; readonly repository: string; readonly tag: string },
): Promise<JsonObject> {
  try {
    const { bytes, mediaType } = await fetchManifestFrom(context, session, endpoint, reference);
    const index = readDocument(bytes);
    if (mediaType === indexType && index) return index;
    throw new RegistryError(
      'INVALID_ANSWER',
      `${endpoint.registry} has something else than a list at the tag of referrers`,
    );
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_UNKNOWN') throw error;
    return { schemaVersion: 2, mediaType: indexType };
  }
}

function describe({ manifest, digest }: Referrer, document: JsonObject): JsonObject {
  const artifactType = asString(document['artifactType']) ?? asString(asObject(document['config'])?.['mediaType']);
  const annotations = asObject(document['annotations']);
  return {
    mediaType: manifest.mediaType,
    digest,
    size: manifest.bytes.length,
    ...(artifactType ? { artifactType } : {}),
    ...(annotations ? { annotations } : {}),
  };
}

function subjectOf(document: JsonObject | undefined): Digest | undefined {
  const text = asString(asObject(document?.['subject'])?.['digest']);
  try {
    return text === undefined ? undefined : parseDigest(text);
  } catch {
    // The registry took it; to whom it refers, nobody can say.
    return undefined;
  }
}

function readDocument(bytes: Uint8Array): JsonObject | undefined {
  try {
    return asObject(parseJson(bytes));
  } catch (error) {
    if (!isTidewaiterError(error)) throw error;
    return undefined;
  }
}
