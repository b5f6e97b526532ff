import { type Context, FormatError, limits, messageOf } from '../core/index.js';
import { asArray, asObject, type JsonObject, parseJson } from '../formats/index.js';
import type { HttpResponse } from '../http/index.js';
import { type Descriptor, mediaKind, parseImageIndex } from '../oci/index.js';
import type { Digest } from '../reference/index.js';
import { fetchDocument } from './documents.js';
import { describeEndpoint, type Endpoint, repositoryAt } from './endpoint.js';
import { RegistryError } from './errors.js';
import { answerError, type Asked } from './failures.js';
import { nextLink } from './links.js';
import { resolveLocation } from './locations.js';
import { fetchManifestFrom } from './manifests.js';
import { referrersTag } from './referrers-tag.js';
import type { Session } from './session.js';
import { printable } from './words.js';

interface Place {
  readonly endpoint: Endpoint;
  readonly repository: string;
}

interface Page {
  readonly response: HttpResponse;
  readonly bytes: Uint8Array;
}

const tagsAPage = 1000;
const mostPages = 10_000;
const mostTags = 1_000_000;
const mostReferrers = 10_000;

/** Statuses by which registries say that they have no referrers API. */
const noReferrersApi: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

/** The tags of a repository in the registry's order, page by page. */
export async function* listTags(context: Context, session: Session, place: Place): AsyncGenerator<string> {
  const asked = { endpoint: place.endpoint, what: place.repository, unknown: 'NAME_UNKNOWN' } as const;
  const first = `${repositoryAt(place.endpoint, place.repository)}/tags/list?n=${tagsAPage}`;
  let count = 0;
  for await (const { bytes } of pages(context, session, { place, asked, first })) {
    for (const tag of readTags(asked, bytes)) {
      if (++count > mostTags) throw tooMany(asked, `${mostTags} tags`);
      yield tag;
    }
  }
}

/** What refers to a manifest, of one artifact type if that is given. */
export async function listReferrers(
  context: Context,
  session: Session,
  place: Place & { readonly digest: Digest; readonly artifactType: string | undefined },
): Promise<readonly Descriptor[]> {
  const { endpoint, repository, digest, artifactType } = place;
  const found = (await referrersByApi(context, session, place)) ?? (await referrersByTag(context, session, place));
  if (found.length > mostReferrers) {
    const asked = { endpoint, what: `${repository}@${digest}`, unknown: 'MANIFEST_UNKNOWN' } as const;
    throw tooMany(asked, `${mostReferrers} referrers`);
  }
  // Also where the registry says that it did: nothing is lost by looking.
  return artifactType === undefined ? found : found.filter((each) => each.artifactType === artifactType);
}

/** Nothing when the registry has no such API. */
async function referrersByApi(
  context: Context,
  session: Session,
  place: Place & { readonly digest: Digest; readonly artifactType: string | undefined },
): Promise<readonly Descriptor[] | undefined> {
  const { endpoint, repository, digest, artifactType } = place;
  const asked = { endpoint, what: `referrers of ${repository}@${digest}`, unknown: 'MANIFEST_UNKNOWN' } as const;
  const filter = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  const first = `${repositoryAt(endpoint, repository)}/referrers/${digest}${filter}`;
  const found: Descriptor[] = [];
  const isAbsent = (answer: HttpResponse): boolean => noReferrersApi.has(answer.status);
  let isFirst = true;
  for await (const page of pages(context, session, { place, asked, first, isAbsent })) {
    // Some servers answer every path with a page for people.
    const type = page.response.header('content-type') ?? '';
    if (isFirst && mediaKind(type) !== 'index' && !/json/i.test(type)) return undefined;
    isFirst = false;
    found.push(...readIndex(asked, page.bytes));
    if (found.length > mostReferrers) throw tooMany(asked, `${mostReferrers} referrers`);
  }
  return isFirst ? undefined : found;
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
async function referrersByTag(
  context: Context,
  session: Session,
  { endpoint, repository, digest }: Place & { readonly digest: Digest },
): Promise<readonly Descriptor[]> {
  const tag = referrersTag(digest);
  try {
    const reference = { registry: endpoint.registry, repository, tag };
    const { bytes } = await fetchManifestFrom(context, session, endpoint, reference);
    return readIndex({ endpoint, what: `${repository}:${tag}`, unknown: 'MANIFEST_UNKNOWN' }, bytes);
  } catch (error) {
    if (error instanceof RegistryError && (error.code === 'MANIFEST_UNKNOWN' || error.code === 'NAME_UNKNOWN'))
      return [];
    throw error;
  }
}

interface Listing {
  readonly place: Place;
  readonly asked: Asked;
  /** Path of the first page. */
  readonly first: string;
  /** Whether the first answer means that there is no such list; it ends without a page then. */
  readonly isAbsent?: (answer: HttpResponse) => boolean;
}

/** The pages of a list. Links that leave the registry, or lead back, are errors. */
async function* pages(context: Context, session: Session, listing: Listing): AsyncGenerator<Page> {
  const { place, asked } = listing;
  const target = { ...place, action: 'pull' } as const;
  const seen = new Set<string>();
  let path: string | URL | undefined = listing.first;
  while (path !== undefined) {
    const here: string | URL = path;
    let absent = false;
    const limit = { endpoint: place.endpoint, maxBytes: limits.imageDocumentBytes };
    const page: Page = await fetchDocument(context, limit, async () => {
      const answer = await session.request(context, target, { method: 'GET', path: here });
      absent = seen.size === 0 && listing.isAbsent?.(answer) === true;
      if (answer.status === 200 || absent) return answer;
      throw answerError(asked, await session.words(answer), answer.header('retry-after'));
    });
    if (absent) return;
    yield page;
    path = nextPage(listing, page.response, session.base(place.endpoint));
    if (path === undefined) return;
    if (seen.has(path.href)) throw badLink(asked, 'leads back');
    seen.add(path.href);
    if (seen.size >= mostPages) throw tooMany(asked, `${mostPages} pages`);
  }
}

function nextPage({ place, asked }: Listing, response: HttpResponse, base: URL): URL | undefined {
  const link = nextLink(response.header('link'));
  if (link === undefined) return undefined;
  const url = resolveLocation(place.endpoint, response.url, link);
  // Or the one to which the registry had redirected us.
  if (url.origin !== base.origin && url.origin !== response.url.origin) throw badLink(asked, 'leads to another server');
  return url;
}

function readTags(asked: Asked, bytes: Uint8Array): readonly string[] {
  const document = readObject(asked, bytes);
  const tags = document['tags'] === null || document['tags'] === undefined ? [] : asArray(document['tags']);
  if (!tags) throw invalid(asked, 'it is no list of tags');
  // Names that no registry may give to a tag are nobody's tags.
  return tags.filter(
    (tag): tag is string => typeof tag === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag),
  );
}

function readIndex(asked: Asked, bytes: Uint8Array): readonly Descriptor[] {
  try {
    return parseImageIndex(bytes, 'the list').manifests;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw invalid(asked, messageOf(error));
  }
}

function readObject(asked: Asked, bytes: Uint8Array): JsonObject {
  try {
    const document = asObject(parseJson(bytes));
    if (document) return document;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw invalid(asked, messageOf(error));
  }
  throw invalid(asked, 'it is no JSON object');
}

function invalid({ endpoint, what }: Asked, why: string): RegistryError {
  const message = `the answer of ${describeEndpoint(endpoint)} for ${what} cannot be used: ${printable(why)}`;
  return new RegistryError('INVALID_ANSWER', message);
}

function badLink({ endpoint, what }: Asked, how: string): RegistryError {
  const message = `the link of ${describeEndpoint(endpoint)} to the next page for ${what} ${how}`;
  return new RegistryError('INVALID_ANSWER', message);
}

function tooMany({ endpoint, what }: Asked, most: string): RegistryError {
  const message = `${describeEndpoint(endpoint)} has more than ${most} for ${what}`;
  return new RegistryError('LIMIT_EXCEEDED', message);
}
