import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildTar, toBytes, type TarItem, type TarOptions } from './tar-writer.js';
import { storeAsZstd } from './zstd-frame.js';

export type { TarItem, TarOptions } from './tar-writer.js';

export type Compression = 'none' | 'gzip' | 'zstd';

/** An image to be made: the same literal gives the same bytes. */
export interface ImageSpec {
  /** `os/arch[/variant]`; default `linux/amd64`. */
  readonly platform?: string;
  readonly osVersion?: string;
  /** Bottom first; a bare list is a layer with no compression of its own. */
  readonly layers: readonly (readonly TarItem[] | LayerSpec)[];
  /** How layers are stored that do not say so themselves; default `none`. */
  readonly compression?: Compression;
  /** The `config` member of the image config: `Cmd`, `Env`, `Labels`... */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Lines of history without a layer, put behind those of the layers: the text of `created_by`. */
  readonly emptyHistory?: readonly string[];
  readonly created?: string;
  readonly author?: string;
  /** Names such as `alpine:3.11`, as docker archives spell them. */
  readonly tags?: readonly string[];
  /** Members that replace those of the config document: for configs that lie. */
  readonly configOverrides?: Readonly<Record<string, unknown>>;
  /** Members that replace those of the manifest. */
  readonly manifestOverrides?: Readonly<Record<string, unknown>>;
  /** Docker schema 2 media types in place of OCI's. */
  readonly mediaTypes?: 'oci' | 'docker';
  /** A manifest that says something about an image and is none; gets the annotations of build attestations. */
  readonly attestationFor?: BuiltImage;
  /** Annotations of the descriptor in the index. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Leave the platform out of the descriptor in the index, as single-platform writers do. */
  readonly noPlatformInIndex?: boolean;
}

export interface LayerSpec {
  readonly items: readonly TarItem[];
  readonly compression?: Compression;
  readonly createdBy?: string;
  readonly tar?: TarOptions;
  /** The stored bytes, whatever the items are; the digest is that of these bytes. */
  readonly stored?: Uint8Array;
  /** Stored bytes that are put into the archive under the digest of the true ones: for forgeries. */
  readonly forged?: Uint8Array;
  /** What the config claims in place of the true diff ID. */
  readonly claimedDiffId?: string;
}

export interface BuiltLayer {
  readonly tar: Uint8Array;
  readonly stored: Uint8Array;
  readonly digest: string;
  readonly diffId: string;
  readonly mediaType: string;
}

export interface BuiltImage {
  readonly spec: ImageSpec;
  readonly config: Uint8Array;
  /** Digest of the config: the image id. */
  readonly imageId: string;
  readonly manifest: Uint8Array;
  readonly manifestDigest: string;
  readonly manifestMediaType: string;
  readonly layers: readonly BuiltLayer[];
}

export interface ArchiveOptions {
  /** In front of every entry of the archive: `./` say. */
  readonly prefix?: string;
  readonly compression?: Compression;
  /** Blobs, by digest, that are left out. */
  readonly without?: readonly string[];
  /** Entries that are put in front, or behind, as they are. */
  readonly before?: readonly TarItem[];
  readonly after?: readonly TarItem[];
}

export interface IndexOptions {
  /**
   * `flat`: each manifest stands in index.json. `nested`: index.json names one index, which names the manifests, as
   * containerd and docker write images of several platforms. Default: flat.
   */
  readonly index?: 'flat' | 'nested';
  /** Name of the nested index, or of the only image: `docker.io/library/alpine:3.14`. */
  readonly name?: string;
}

const types = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    index: 'application/vnd.oci.image.index.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: { none: '.tar', gzip: '.tar+gzip', zstd: '.tar+zstd' },
    layerBase: 'application/vnd.oci.image.layer.v1',
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: { none: '.tar', gzip: '.tar.gzip', zstd: '.tar.zstd' },
    layerBase: 'application/vnd.docker.image.rootfs.diff',
  },
} as const;

/** The documents and layers of one image, in memory. */
export function buildImage(spec: ImageSpec): BuiltImage {
  const layers = spec.layers.map((layer) => buildLayer(toLayerSpec(layer), spec));
  const config = json({ ...configOf(spec, layers), ...spec.configOverrides });
  const media = types[spec.mediaTypes ?? 'oci'];
  const manifest = json({
    schemaVersion: 2,
    mediaType: media.manifest,
    config: { mediaType: media.config, digest: sha256(config), size: config.length },
    layers: layers.map(({ mediaType, digest, stored }) => ({ mediaType, digest, size: stored.length })),
    ...spec.manifestOverrides,
  });
  const identity = { imageId: sha256(config), manifestDigest: sha256(manifest), manifestMediaType: media.manifest };
  return { spec, config, manifest, layers, ...identity };
}

/** What `docker save` wrote before version 25: `manifest.json`, `<id>.json`, `<id>/layer.tar`. */
export function dockerArchive(specs: ImageSpec | readonly ImageSpec[], options: ArchiveOptions = {}): Uint8Array {
  const images = asList(specs).map(buildImage);
  const items: TarItem[] = [];
  const list = images.map((image) => {
    const config = `${hexOf(image.imageId)}.json`;
    if (!options.without?.includes(image.imageId)) items.push({ path: config, content: image.config });
    const names = image.layers.map((layer, index) => {
      const folder = hexOf(sha256(toBytes(`${image.imageId} ${index}`)));
      items.push({ path: folder, dir: true }, { path: `${folder}/VERSION`, content: '1.0' });
      if (!options.without?.includes(layer.digest)) {
        items.push({ path: `${folder}/layer.tar`, content: storedBytes(image, index) });
      }
      return `${folder}/layer.tar`;
    });
    return { Config: config, RepoTags: image.spec.tags ?? null, Layers: names };
  });
  items.push({ path: 'manifest.json', content: json(list) });
  return archive(items, options);
}

/** A tar of an OCI image layout, without `manifest.json`. */
export function ociArchive(
  specs: ImageSpec | readonly ImageSpec[],
  options: ArchiveOptions & IndexOptions = {},
): Uint8Array {
  return archive(asItems(ociLayoutFiles(specs, options)), options);
}

/** What containerd exports, and `docker save` since version 25: an OCI image layout with `manifest.json` beside it. */
export function containerdExport(
  specs: ImageSpec | readonly ImageSpec[],
  options: ArchiveOptions & IndexOptions = {},
): Uint8Array {
  const list = asList(specs)
    .map(buildImage)
    .filter((image) => !image.spec.attestationFor)
    .map((image) => ({
      Config: blobPath(image.imageId),
      RepoTags: image.spec.tags ?? null,
      Layers: image.layers.map((layer) => blobPath(layer.digest)),
    }));
  const items = asItems(ociLayoutFiles(specs, options));
  return archive([...items, { path: 'manifest.json', content: json(list) }], options);
}

/** The files of an OCI image layout, by path. */
export function ociLayoutFiles(
  specs: ImageSpec | readonly ImageSpec[],
  options: IndexOptions & { readonly without?: readonly string[] } = {},
): ReadonlyMap<string, Uint8Array> {
  const images = asList(specs).map(buildImage);
  const files = new Map<string, Uint8Array>([['oci-layout', json({ imageLayoutVersion: '1.0.0' })]]);
  const put = (digest: string, bytes: Uint8Array) => {
    if (!options.without?.includes(digest)) files.set(blobPath(digest), bytes);
  };
  for (const image of images) {
    put(image.imageId, image.config);
    put(image.manifestDigest, image.manifest);
    image.layers.forEach((layer, index) => put(layer.digest, storedBytes(image, index)));
  }
  const name = options.name ? nameAnnotations(options.name) : {};
  const nested = options.index === 'nested';
  const manifests = images.map((image) => descriptorOf(image, nested ? {} : name));
  if (!nested) {
    files.set('index.json', json({ schemaVersion: 2, mediaType: types.oci.index, manifests }));
    return files;
  }
  const mediaType = types[images[0]?.spec.mediaTypes ?? 'oci'].index;
  const inner = json({ schemaVersion: 2, mediaType, manifests });
  put(sha256(inner), inner);
  const only = { mediaType, digest: sha256(inner), size: inner.length, annotations: name };
  files.set('index.json', json({ schemaVersion: 2, mediaType: types.oci.index, manifests: [only] }));
  return files;
}

/** Writes an OCI image layout into a folder, which is made if it is not there. */
export function writeOciLayout(
  folder: string,
  specs: ImageSpec | readonly ImageSpec[],
  options: IndexOptions & { readonly without?: readonly string[] } = {},
): void {
  for (const [path, bytes] of ociLayoutFiles(specs, options)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** The spec of a build attestation for an image, as buildx adds it to an index. */
export function attestationOf(image: ImageSpec): ImageSpec {
  const statement = json({ _type: 'https://in-toto.io/Statement/v0.1', predicate: {} });
  return {
    platform: 'unknown/unknown',
    attestationFor: buildImage(image),
    layers: [{ items: [], stored: statement, claimedDiffId: sha256(statement) }],
  };
}

export function compress(bytes: Uint8Array, compression: Compression): Uint8Array {
  if (compression === 'gzip') return new Uint8Array(gzipSync(bytes, { level: 6 }));
  return compression === 'zstd' ? storeAsZstd(bytes) : bytes;
}

/** `sha256:` and hex. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The bytes in chunks of at most `size`, as a file or a pipe would give them. */
export async function* chunksOf(bytes: Uint8Array, size = 65_536): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function buildLayer(layer: LayerSpec, spec: ImageSpec): BuiltLayer {
  const compression = layer.compression ?? spec.compression ?? 'none';
  const tar = buildTar(layer.items, layer.tar);
  const stored = layer.stored ?? compress(tar, compression);
  const media = types[spec.mediaTypes ?? 'oci'];
  const mediaType = spec.attestationFor ? 'application/vnd.in-toto+json' : media.layerBase + media.layer[compression];
  return { tar, stored, digest: sha256(stored), diffId: layer.claimedDiffId ?? sha256(tar), mediaType };
}

function configOf(spec: ImageSpec, layers: readonly BuiltLayer[]): Record<string, unknown> {
  const [os = 'linux', architecture = 'amd64', variant] = (spec.platform ?? 'linux/amd64').split('/');
  const created = spec.created ?? '1970-01-01T00:00:00Z';
  const history = [
    ...spec.layers.map((layer, index) => ({ created, created_by: toLayerSpec(layer).createdBy ?? `layer ${index}` })),
    ...(spec.emptyHistory ?? []).map((line) => ({ created, created_by: line, empty_layer: true })),
  ];
  return {
    architecture,
    ...(spec.author === undefined ? {} : { author: spec.author }),
    config: spec.config ?? {},
    created,
    history,
    os,
    ...(spec.osVersion === undefined ? {} : { 'os.version': spec.osVersion }),
    ...(variant === undefined ? {} : { variant }),
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  };
}

function descriptorOf(image: BuiltImage, name: Readonly<Record<string, string>>): Record<string, unknown> {
  const { spec } = image;
  const [os, architecture, variant] = (spec.platform ?? 'linux/amd64').split('/');
  const platform = {
    architecture,
    os,
    ...(variant ? { variant } : {}),
    ...(spec.osVersion ? { 'os.version': spec.osVersion } : {}),
  };
  const attests = spec.attestationFor
    ? {
        'vnd.docker.reference.digest': spec.attestationFor.manifestDigest,
        'vnd.docker.reference.type': 'attestation-manifest',
      }
    : {};
  const named = spec.tags?.[0] && !spec.attestationFor ? nameAnnotations(spec.tags[0]) : {};
  const annotations = { ...named, ...name, ...attests, ...spec.annotations };
  return {
    mediaType: image.manifestMediaType,
    digest: image.manifestDigest,
    size: image.manifest.length,
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(spec.noPlatformInIndex ? {} : { platform }),
  };
}

function nameAnnotations(name: string): Record<string, string> {
  const first = name.split('/', 1)[0] ?? '';
  const full = !name.includes('/')
    ? `docker.io/library/${name}`
    : /[.:]/.test(first) || first === 'localhost'
      ? name
      : `docker.io/${name}`;
  const colon = full.lastIndexOf(':');
  const tag = colon > full.lastIndexOf('/') ? full.slice(colon + 1) : 'latest';
  return { 'io.containerd.image.name': full, 'org.opencontainers.image.ref.name': tag };
}

function storedBytes(image: BuiltImage, index: number): Uint8Array {
  const spec = image.spec.layers[index];
  const built = image.layers[index];
  if (!spec || !built) throw new RangeError(`no layer ${index}`);
  return toLayerSpec(spec).forged ?? built.stored;
}

function archive(items: readonly TarItem[], options: ArchiveOptions): Uint8Array {
  const all = [...(options.before ?? []), ...items, ...(options.after ?? [])];
  return compress(buildTar(all, { prefix: options.prefix ?? '' }), options.compression ?? 'none');
}

function asItems(files: ReadonlyMap<string, Uint8Array>): TarItem[] {
  return [...files].map(([path, content]) => ({ path, content }));
}

function toLayerSpec(layer: readonly TarItem[] | LayerSpec): LayerSpec {
  return 'items' in layer ? layer : { items: layer };
}

function asList(specs: ImageSpec | readonly ImageSpec[]): readonly ImageSpec[] {
  return 'layers' in specs ? [specs] : specs;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

function json(value: unknown): Uint8Array {
  return toBytes(JSON.stringify(value));
}
