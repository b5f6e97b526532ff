import { type Content, manifestTypes, type StoredManifest } from './content.js';
import { type Answer, type Exchange, Refusal } from './exchange.js';

const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** A blob, or the part of it that `Range` asks for. */
export function blobAnswer(exchange: Exchange, blob: Uint8Array, digest: string, ranges: boolean): Answer {
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest };
  if (exchange.method === 'HEAD')
    return { status: 200, headers: { ...headers, 'content-length': String(blob.length) } };
  const header = exchange.header('range');
  if (header === undefined || !ranges || exchange.fault.ignoreRange) return { status: 200, headers, body: blob };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header) ?? [];
  if (first === undefined) throw new Refusal(400, 'UNSUPPORTED', 'this Range is not understood');
  const start = Number(first);
  const end = last === '' ? blob.length : Math.min(Number(last) + 1, blob.length);
  if (start >= blob.length || end <= start) {
    throw new Refusal(416, 'BLOB_UNKNOWN', 'out of range', { 'content-range': `bytes */${blob.length}` });
  }
  const contentRange = `bytes ${start}-${end - 1}/${blob.length}`;
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, body: blob.subarray(start, end) };
}

/** A manifest, if the client says that it understands its kind. */
export function manifestAnswer(exchange: Exchange, manifest: StoredManifest): Answer {
  const accept = exchange.header('accept') ?? '*/*';
  const accepted = accept.split(',').map((item) => item.split(';', 1)[0]?.trim() ?? '');
  if (!accepted.includes('*/*') && !accepted.includes(manifest.mediaType)) {
    throw new Refusal(404, 'MANIFEST_UNKNOWN', `the manifest is of ${manifest.mediaType}, which is not accepted`);
  }
  return {
    status: 200,
    headers: {
      'content-type': manifest.mediaType,
      'docker-content-digest': manifest.digest,
      'content-length': String(manifest.bytes.length),
    },
    body: manifest.bytes,
  };
}

/** Takes a manifest, if all that it names is here. */
export async function takeManifest(
  exchange: Exchange,
  content: Content,
  place: { readonly repository: string; readonly reference: string; readonly referrersApi: boolean },
): Promise<Answer> {
  const { repository, reference } = place;
  if (exchange.header('content-length') === undefined) throw new Refusal(411, 'SIZE_INVALID', 'no Content-Length');
  if (!reference.includes(':') && !tagPattern.test(reference)) throw new Refusal(400, 'TAG_INVALID', 'not a tag');
  const mediaType = exchange.header('content-type') ?? '';
  const bytes = await exchange.readBody();
  content.checkManifest(repository, bytes, mediaType);
  const stored = content.putManifest(repository, reference, bytes, mediaType);
  return {
    status: 201,
    headers: {
      location: `/v2/${repository}/manifests/${stored.digest}`,
      'docker-content-digest': stored.digest,
      ...(place.referrersApi && stored.subject !== undefined ? { 'oci-subject': stored.subject } : {}),
    },
  };
}

/** One page of the tags, in alphabetical order. */
export function tagsAnswer(exchange: Exchange, content: Content, repository: string, pageSize: number): Answer {
  const { searchParams } = exchange.url;
  const most = Math.min(pageSize, Number(searchParams.get('n') ?? pageSize));
  const after = searchParams.get('last') ?? '';
  const all = [...content.repository(repository).tags.keys()].sort().filter((tag) => tag > after);
  const page = all.slice(0, most);
  const last = page.at(-1);
  const link = `</v2/${repository}/tags/list?last=${encodeURIComponent(last ?? '')}&n=${most}>; rel="next"`;
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...(all.length > most ? { link } : {}) },
    body: JSON.stringify({ name: repository, tags: page }),
  };
}

/** One page of what refers to a manifest. */
export function referrersAnswer(
  exchange: Exchange,
  content: Content,
  place: { readonly repository: string; readonly digest: string; readonly pageSize: number; readonly filters: boolean },
): Answer {
  const { searchParams } = exchange.url;
  const artifactType = searchParams.get('artifactType');
  const filtered = artifactType !== null && place.filters;
  const all = [...(content.find(place.repository)?.manifests.values() ?? [])]
    .filter((manifest) => manifest.subject === place.digest)
    .filter((manifest) => !filtered || manifest.artifactType === artifactType);
  const start = Number(searchParams.get('start') ?? 0);
  const page = all.slice(start, start + place.pageSize);
  const next = new URLSearchParams({
    start: String(start + place.pageSize),
    ...(artifactType ? { artifactType } : {}),
  });
  const link = `</v2/${place.repository}/referrers/${place.digest}?${next.toString()}>; rel="next"`;
  const manifests = page.map((manifest) => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    artifactType: manifest.artifactType,
    annotations: manifest.annotations,
  }));
  return {
    status: 200,
    headers: {
      'content-type': manifestTypes.index[0],
      ...(filtered ? { 'oci-filters-applied': 'artifactType' } : {}),
      ...(start + place.pageSize < all.length ? { link } : {}),
    },
    body: JSON.stringify({ schemaVersion: 2, mediaType: manifestTypes.index[0], manifests }),
  };
}
