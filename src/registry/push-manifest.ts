import type { Context } from '../core/index.js';
import type { Digest, Reference } from '../reference/index.js';
import { describeEndpoint, type Endpoint } from './endpoint.js';
import { RegistryError } from './errors.js';
import { answerError } from './failures.js';
import { algorithmOf, askedFor, claimedDigest, digestOf } from './manifests.js';
import { putManifest } from './put-manifest.js';
import { addToReferrersTag } from './referrers-tag.js';
import type { FetchedManifest } from './registry-client.js';
import type { Session } from './session.js';

/** Puts a manifest under the reference's tag, or under its digest; with both, under the tag if the digest is true. */
export async function pushManifestTo(
  context: Context,
  session: Session,
  push: {
    readonly endpoint: Endpoint;
    readonly reference: Reference;
    readonly manifest: Omit<FetchedManifest, 'digest'>;
  },
): Promise<Digest> {
  const { endpoint, reference, manifest } = push;
  const { bytes } = manifest;
  const digest = digestOf(bytes, algorithmOf(reference.digest ?? 'sha256:'));
  if (reference.digest !== undefined && reference.digest !== digest) {
    throw new RegistryError(
      'DIGEST_MISMATCH',
      `the manifest to be pushed does not have the digest ${reference.digest}`,
    );
  }
  const response = await putManifest(context, session, { endpoint, reference, manifest, digest });
  const words = await session.words(response);
  if (words.status < 200 || words.status > 202) {
    throw answerError({ ...askedFor(endpoint, reference), isPush: true }, words, response.header('retry-after'));
  }
  const claimed = claimedDigest(response);
  if (claimed !== undefined && claimed !== digestOf(bytes, algorithmOf(claimed))) {
    const message = `${describeEndpoint(endpoint)} stored the manifest under another digest, ${claimed}`;
    throw new RegistryError('DIGEST_MISMATCH', message, { status: response.status });
  }
  if (response.header('oci-subject') === undefined) {
    await addToReferrersTag(context, session, { endpoint, repository: reference.repository, manifest, digest });
  }
  return digest;
}
