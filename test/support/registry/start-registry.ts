import { randomUUID } from 'node:crypto';
import type { BuiltImage } from '../image-builder.js';
import type { LoggedRequest } from './access-log.js';
import { type Action, Authorization, type AuthOptions } from './authorization.js';
import { Content, digestOf, manifestTypes } from './content.js';
import { blobAnswer, manifestAnswer, referrersAnswer, tagsAnswer, takeManifest } from './downloads.js';
import { type Exchange, Refusal } from './exchange.js';
import type { Faults } from './faults.js';
import { type Listener, listen, type TlsOptions } from './listener.js';
import { Uploads } from './uploads.js';

export interface RegistryServerOptions {
  readonly tls?: TlsOptions | undefined;
  readonly auth?: AuthOptions | undefined;
  /** Address to listen on: default `127.0.0.1`; `::1` and `localhost` work, too. */
  readonly hostname?: string;
  /** Default true: `/referrers/` is answered. */
  readonly referrersApi?: boolean;
  /** Default true: the referrers API filters by artifact type. */
  readonly referrersFilters?: boolean;
  /** Default true: `Range` is honoured. */
  readonly rangeSupport?: boolean;
  /** Default true: `HEAD` of manifests is answered. */
  readonly manifestHead?: boolean;
  /** Default true: blobs are mounted from other repositories. */
  readonly mounts?: boolean;
  /** Default true: blobs may come in chunks. */
  readonly chunks?: boolean;
  /** Chunks that are smaller are refused; told by `OCI-Chunk-Min-Length`. */
  readonly chunkMinBytes?: number;
  /** Where `Location` of uploads points; `elsewhere` is the second origin. Default `absolute`. */
  readonly uploadLocations?: 'absolute' | 'relative' | 'elsewhere';
  /** Tags, or referrers, on one page; default 100. */
  readonly pageSize?: number;
  /** The clock by which tokens expire, in milliseconds. */
  readonly now?: () => number;
}

export interface RegistryServer {
  /** `127.0.0.1:PORT`: what stands before the first slash of an image name. */
  readonly host: string;
  /** With `http://` or `https://`. */
  readonly origin: string;
  readonly accessLog: readonly LoggedRequest[];
  readonly faults: Faults;
  /** The token server of `auth: bearer`. */
  readonly tokens: {
    readonly host: string;
    readonly accessLog: readonly LoggedRequest[];
    readonly faults: Faults;
    revokeAll(): void;
  };
  /** The second origin, to which downloads and uploads may be sent. */
  readonly elsewhere: { readonly host: string; readonly accessLog: readonly LoggedRequest[]; readonly faults: Faults };
  /** Uploads that were begun and neither ended nor cancelled. */
  readonly openUploads: number;
  /** Puts one image there, or several below an index. @returns the digest of the manifest, or of the index */
  addImage(repository: string, tag: string | undefined, ...images: readonly BuiltImage[]): string;
  /** @returns its digest */
  addBlob(repository: string, bytes: Uint8Array, digest?: string): string;
  /** As it is, unchecked. @returns its digest */
  addManifest(repository: string, tag: string | undefined, bytes: Uint8Array, mediaType: string): string;
  /** Takes a blob, or a manifest with its tags, away. */
  remove(repository: string, digest: string): void;
  /** What is there; nothing if it is not. */
  blob(repository: string, digest: string): Uint8Array | undefined;
  manifest(
    repository: string,
    tagOrDigest: string,
  ): { readonly bytes: Uint8Array; readonly mediaType: string } | undefined;
  tags(repository: string): readonly string[];
  /** Ends all connections, also those of faults that stall; the registry goes on. */
  dropConnections(): void;
  close(): Promise<void>;
}

const service = 'registry.test';

/** Starts a registry on loopback ports of its own, with nothing in it. */
export async function startRegistry(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const content = new Content();
  const now = options.now ?? Date.now;
  const authorization = new Authorization(options.auth, service, now);
  const uploads = new Uploads(content, {
    chunkMinBytes: options.chunkMinBytes,
    mounts: options.mounts ?? true,
    chunks: options.chunks ?? true,
    locations: options.uploadLocations ?? 'absolute',
  });
  const signed = new Map<string, { readonly repository: string; readonly digest: string }>();
  const site: Site = { options, content, authorization, uploads, signed, elsewhereOrigin: '' };
  const place = { tls: options.tls, hostname: options.hostname };
  const main = await listen((exchange) => serve(exchange, site), place);
  const tokens = await listen((exchange) => authorization.issue(exchange), place);
  const elsewhere = await listen((exchange) => serveElsewhere(exchange, site), place);
  authorization.realm = `${tokens.origin}/token`;
  site.elsewhereOrigin = elsewhere.origin;
  uploads.origin = options.uploadLocations === 'elsewhere' ? elsewhere.origin : main.origin;
  return present(site, main, tokens, elsewhere);
}

interface Site {
  readonly options: RegistryServerOptions;
  readonly content: Content;
  readonly authorization: Authorization;
  readonly uploads: Uploads;
  /** What the addresses of the second origin stand for; each works once. */
  readonly signed: Map<string, { readonly repository: string; readonly digest: string }>;
  elsewhereOrigin: string;
}

function present(site: Site, main: Listener, tokens: Listener, elsewhere: Listener): RegistryServer {
  const { content, authorization, uploads } = site;
  return {
    host: main.host,
    origin: main.origin,
    accessLog: main.accessLog,
    faults: main.faults,
    tokens: {
      host: tokens.host,
      accessLog: tokens.accessLog,
      faults: tokens.faults,
      revokeAll: () => authorization.revokeAll(),
    },
    elsewhere: { host: elsewhere.host, accessLog: elsewhere.accessLog, faults: elsewhere.faults },
    get openUploads() {
      return uploads.open;
    },
    addImage: (repository, tag, ...images) => addImage(content, repository, tag, images),
    addBlob: (repository, bytes, digest = digestOf(bytes)) => {
      content.make(repository).blobs.set(digest, bytes);
      return digest;
    },
    addManifest: (repository, tag, bytes, mediaType) =>
      content.putManifest(repository, tag ?? '', bytes, mediaType).digest,
    remove: (repository, digest) => {
      const { blobs, manifests, tags } = content.make(repository);
      blobs.delete(digest);
      manifests.delete(digest);
      for (const [tag, tagged] of tags) if (tagged === digest) tags.delete(tag);
    },
    blob: (repository, digest) => content.find(repository)?.blobs.get(digest),
    manifest: (repository, reference) => {
      const there = content.find(repository);
      return there?.manifests.get(reference) ?? there?.manifests.get(there.tags.get(reference) ?? '');
    },
    tags: (repository) => [...(content.find(repository)?.tags.keys() ?? [])].sort(),
    dropConnections: () => {
      for (const listener of [main, tokens, elsewhere]) listener.drop();
    },
    close: async () => {
      await Promise.all([main.close(), tokens.close(), elsewhere.close()]);
    },
  };
}

function addImage(
  content: Content,
  repository: string,
  tag: string | undefined,
  images: readonly BuiltImage[],
): string {
  const { blobs } = content.make(repository);
  for (const image of images) {
    blobs.set(image.imageId, image.config);
    image.layers.forEach((layer, at) => {
      const spec = image.spec.layers[at];
      blobs.set(layer.digest, (spec && 'items' in spec ? spec.forged : undefined) ?? layer.stored);
    });
    const only = images.length === 1 ? tag : undefined;
    content.putManifest(repository, only ?? '', image.manifest, image.manifestMediaType);
  }
  const [first] = images;
  if (!first) throw new RangeError('no image');
  if (images.length === 1) return first.manifestDigest;
  const docker = first.spec.mediaTypes === 'docker';
  const mediaType = docker ? manifestTypes.index[1] : manifestTypes.index[0];
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: images.map(describeImage) }));
  return content.putManifest(repository, tag ?? '', new Uint8Array(index), mediaType).digest;
}

function describeImage(image: BuiltImage): unknown {
  const [os, architecture, variant] = (image.spec.platform ?? 'linux/amd64').split('/');
  const version = image.spec.osVersion;
  const subject = image.spec.attestationFor;
  const attests = subject && {
    'vnd.docker.reference.digest': subject.manifestDigest,
    'vnd.docker.reference.type': 'attestation-manifest',
  };
  return {
    mediaType: image.manifestMediaType,
    digest: image.manifestDigest,
    size: image.manifest.length,
    platform: { architecture, os, ...(variant ? { variant } : {}), ...(version ? { 'os.version': version } : {}) },
    ...(attests || image.spec.annotations ? { annotations: { ...attests, ...image.spec.annotations } } : {}),
  };
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const paths = {
  manifest: new RegExp(`^/v2/(${component}(?:/${component})*)/manifests/([^/]+)$`),
  upload: new RegExp(`^/v2/(${component}(?:/${component})*)/blobs/uploads/([^/]*)$`),
  blob: new RegExp(`^/v2/(${component}(?:/${component})*)/blobs/([^/]+)$`),
  tags: new RegExp(`^/v2/(${component}(?:/${component})*)/tags/list$`),
  referrers: new RegExp(`^/v2/(${component}(?:/${component})*)/referrers/([^/]+)$`),
} as const;

async function serve(exchange: Exchange, site: Site): Promise<void> {
  const path = decodeURIComponent(exchange.url.pathname);
  const isRead = exchange.method === 'GET' || exchange.method === 'HEAD';
  if (path === '/v2/') {
    site.authorization.check(exchange, []);
    return exchange.answer({ status: 200, headers: { 'docker-distribution-api-version': 'registry/2.0' }, body: '{}' });
  }
  const { repository, kind, last } = route(path);
  site.authorization.check(exchange, needs(exchange, kind, repository));
  if (kind === 'manifest') return serveManifest(exchange, site, repository, last);
  if (kind === 'upload') {
    if (exchange.method === 'POST' && last === '') return site.uploads.start(exchange, repository);
    return site.uploads.proceed(exchange, repository, last);
  }
  if (!isRead) throw new Refusal(405, 'UNSUPPORTED', 'not this way');
  if (kind === 'blob') return serveBlob(exchange, site, repository, last);
  const pageSize = site.options.pageSize ?? 100;
  if (kind === 'tags') return exchange.answer(tagsAnswer(exchange, site.content, repository, pageSize));
  if (site.options.referrersApi === false) throw new Refusal(404, 'NOT_FOUND', '404 page not found');
  const filters = site.options.referrersFilters ?? true;
  await exchange.answer(referrersAnswer(exchange, site.content, { repository, digest: last, pageSize, filters }));
}

function route(path: string): {
  readonly kind: keyof typeof paths;
  readonly repository: string;
  readonly last: string;
} {
  for (const kind of ['manifest', 'upload', 'blob', 'tags', 'referrers'] as const) {
    const [, repository, last = ''] = paths[kind].exec(path) ?? [];
    if (repository !== undefined) return { kind, repository, last };
  }
  throw new Refusal(404, 'NAME_INVALID', 'no such path, or no proper repository name');
}

function needs(exchange: Exchange, kind: string, repository: string): { repository: string; action: Action }[] {
  if (exchange.method === 'GET' && kind !== 'upload') return [{ repository, action: 'pull' }];
  if (exchange.method === 'HEAD') return [{ repository, action: 'pull' }];
  const from = exchange.url.searchParams.get('from');
  const source = from === null || from === repository ? [] : [{ repository: from, action: 'pull' as const }];
  return [{ repository, action: 'pull' }, { repository, action: 'push' }, ...source];
}

async function serveManifest(exchange: Exchange, site: Site, repository: string, reference: string): Promise<void> {
  const { content, options } = site;
  if (exchange.method === 'PUT') {
    const place = { repository, reference, referrersApi: options.referrersApi ?? true };
    return exchange.answer(await takeManifest(exchange, content, place));
  }
  if (exchange.method === 'HEAD' && options.manifestHead === false) {
    throw new Refusal(405, 'UNSUPPORTED', 'the operation is unsupported');
  }
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') throw new Refusal(405, 'UNSUPPORTED', 'not this way');
  await exchange.answer(manifestAnswer(exchange, content.manifest(repository, reference)));
}

async function serveBlob(exchange: Exchange, site: Site, repository: string, digest: string): Promise<void> {
  const blob = site.content.blob(repository, digest);
  if (exchange.fault.redirectElsewhere) {
    const signature = randomUUID();
    site.signed.set(signature, { repository, digest });
    const location = `${site.elsewhereOrigin}/${repository}/${digest}?signature=${signature}`;
    return exchange.answer({ status: 307, headers: { location } });
  }
  await exchange.answer(blobAnswer(exchange, blob, digest, site.options.rangeSupport ?? true));
}

async function serveElsewhere(exchange: Exchange, site: Site): Promise<void> {
  if (exchange.header('authorization') !== undefined) {
    throw new Refusal(400, 'INVALID', 'only one way of proving who you are is allowed');
  }
  const upload = paths.upload.exec(exchange.url.pathname);
  if (upload) return site.uploads.proceed(exchange, upload[1] ?? '', upload[2] ?? '');
  const signature = exchange.url.searchParams.get('signature') ?? '';
  const signed = site.signed.get(signature);
  if (!signed) throw new Refusal(403, 'DENIED', 'the signature has expired');
  site.signed.delete(signature);
  const blob = site.content.blob(signed.repository, signed.digest);
  await exchange.answer(blobAnswer(exchange, blob, signed.digest, site.options.rangeSupport ?? true));
}
