import type { Context } from '../core/index.js';
import type { HttpResponse } from '../http/index.js';
import type { Digest, Reference } from '../reference/index.js';
import { type Endpoint, repositoryAt } from './endpoint.js';
import type { FetchedManifest } from './registry-client.js';
import type { Session } from './session.js';

/** One `PUT`; the answer has yet to be looked at. */
export async function putManifest(
  context: Context,
  session: Session,
  put: {
    readonly endpoint: Endpoint;
    readonly reference: Reference;
    readonly manifest: Omit<FetchedManifest, 'digest'>;
    readonly digest: Digest;
  },
): Promise<HttpResponse> {
  const { endpoint, reference, digest } = put;
  const { bytes, mediaType } = put.manifest;
  return await session.request(
    context,
    { endpoint, repository: reference.repository, action: 'push' },
    {
      method: 'PUT',
      path: `${repositoryAt(endpoint, reference.repository)}/manifests/${reference.tag ?? digest}`,
      headers: { 'content-type': mediaType },
      body: { sizeBytes: bytes.length, open: () => bytes },
      // The same bytes under the same name: it may be done twice.
      retries: 4,
    },
  );
}
