import { type CancelSignal, limits } from '../../core/index.js';
import {
  artifactTypeOf,
  checkOciLayout,
  type Descriptor,
  type ImageConfig,
  isAttestation,
  isImageManifest,
  type Manifest,
  mediaKind,
  parseImageConfig,
  parseImageIndex,
  parseManifest,
} from '../../oci/index.js';
import type { Digest, Platform } from '../../reference/index.js';
import type { Candidate, Found } from '../candidate.js';
import { DockerNames } from '../docker-names.js';
import { blobPath, hashStored, isInToto, makeLayers, parsed, readBlob, readNamed, sizeMismatch } from '../documents.js';
import { digestMismatch, ImageError } from '../errors.js';
import type { FileStore, StoredFile } from '../file-store.js';
import { groupImages, type Root } from '../grouping.js';
import type { Image } from '../image.js';
import type { ImageSource } from '../source.js';

/**
 * An OCI image layout, in a folder or an archive: `index.json` leads to manifests, and they to blobs. What containerd
 * exports, and docker since version 25, has a docker archive's `manifest.json` as well, for the names.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export const ociLayout = {
  id: 'oci-layout',
  title: 'OCI image layout',
  sign: 'index.json',
  async find(files, signal): Promise<Found> {
    const layout = await readNamed(files, 'oci-layout', signal);
    if (layout) parsed(() => checkOciLayout(layout));
    const bytes = await readNamed(files, 'index.json', signal);
    if (!bytes) return { candidates: [], attestations: 0, artifacts: [] };
    const walk = new IndexWalk(files, await DockerNames.read(files, signal), signal);
    const roots: Root[] = [];
    for (const descriptor of parsed(() => parseImageIndex(bytes, 'index.json')).manifests) {
      const members = await walk.members(descriptor, [], 1);
      if (members.length > 0) roots.push(toRoot(descriptor, members));
    }
    walk.docker.refuseOtherImages();
    const artifacts = [...walk.artifacts];
    return { candidates: groupImages(roots), attestations: walk.attestations, artifacts };
  },
} as const satisfies ImageSource;

type Member = Omit<Candidate, 'group' | 'names'>;

const unknownPlatform: Platform = { os: 'unknown', architecture: 'unknown' };

function toRoot(descriptor: Descriptor, members: readonly (Member & { readonly tags: readonly string[] })[]): Root {
  const full = descriptor.annotations.get('io.containerd.image.name');
  const short = descriptor.annotations.get('org.opencontainers.image.ref.name');
  const tags = members.flatMap((member) => member.tags);
  const names = [full, ...tags, short].filter((name) => name !== undefined && name !== '');
  return { key: full ?? short, names: [...new Set(names as string[])], id: descriptor.digest, members };
}

/** Follows descriptors down to image manifests, within bounds. */
class IndexWalk {
  readonly docker: DockerNames;
  readonly artifacts = new Set<string>();
  attestations = 0;
  readonly #files: FileStore;
  readonly #signal: CancelSignal;
  #seen = 0;

  constructor(files: FileStore, docker: DockerNames, signal: CancelSignal) {
    this.#files = files;
    this.docker = docker;
    this.#signal = signal;
  }

  async members(
    descriptor: Descriptor,
    above: readonly Digest[],
    depth: number,
  ): Promise<(Member & { readonly tags: readonly string[] })[]> {
    if (++this.#seen > limits.manifests || depth > limits.indexDepth) {
      throw new ImageError(
        'LIMIT_EXCEEDED',
        `index.json leads to more than ${limits.manifests} manifests, or deeper than ${limits.indexDepth} levels`,
      );
    }
    if (isAttestation(descriptor)) {
      this.attestations++;
      return [];
    }
    const kind = mediaKind(descriptor.mediaType);
    if (kind === 'index') return await this.#index(descriptor, above, depth);
    if (kind === 'manifest') return await this.#manifest(descriptor, above);
    this.artifacts.add(descriptor.artifactType ?? descriptor.mediaType);
    return [];
  }

  async #index(descriptor: Descriptor, above: readonly Digest[], depth: number) {
    const what = `index ${descriptor.digest}`;
    const bytes = await readBlob(this.#files, descriptor, { what, signal: this.#signal });
    if (!bytes) return [this.#absent(descriptor, above)];
    const members = [];
    for (const inner of parsed(() => parseImageIndex(bytes, what)).manifests) {
      members.push(...(await this.members(inner, [...above, descriptor.digest], depth + 1)));
    }
    return members;
  }

  async #manifest(descriptor: Descriptor, above: readonly Digest[]) {
    const manifest = await readManifest(this.#files, descriptor, this.#signal);
    if (!manifest) return [this.#absent(descriptor, above)];
    if (isInToto(manifest)) {
      this.attestations++;
      return [];
    }
    if (!isImageManifest(manifest)) {
      this.artifacts.add(artifactTypeOf(manifest));
      return [];
    }
    const config = await readConfig(this.#files, manifest, this.#signal);
    this.docker.know(manifest.config.digest);
    const platform = descriptor.platform ?? config?.platform ?? unknownPlatform;
    const load = () => loadImage(this.#files, { descriptor, docker: this.docker, signal: this.#signal });
    const digests = [manifest.config.digest, descriptor.digest, ...above];
    const missing = await firstMissing(this.#files, manifest);
    return [{ digests, platform, missing, load, tags: this.docker.tagsOf(manifest.config.digest) }];
  }

  /** Exports often name the manifests of all platforms and hold those of one. */
  #absent(descriptor: Descriptor, above: readonly Digest[]) {
    const missing = blobPath(descriptor.digest);
    const load = () => Promise.reject(new ImageError('BLOB_MISSING', `${missing} is not in the ${this.#files.noun}`));
    const platform = descriptor.platform ?? unknownPlatform;
    return { digests: [descriptor.digest, ...above], platform, missing, load, tags: [] };
  }
}

async function loadImage(
  files: FileStore,
  options: { readonly descriptor: Descriptor; readonly docker: DockerNames; readonly signal: CancelSignal },
): Promise<Image> {
  const { descriptor, docker, signal } = options;
  const manifest = await readManifest(files, descriptor, signal);
  const config = manifest && (await readConfig(files, manifest, signal));
  if (!manifest || !config)
    throw new ImageError('BLOB_MISSING', `the manifest or config of ${descriptor.digest} is not in the ${files.noun}`);
  docker.refuseOtherLayers(manifest);
  const stored = [];
  for (const layer of manifest.layers)
    stored.push({ file: await findLayer(files, layer, signal), digest: layer.digest });
  return {
    platform: descriptor.platform ?? config.platform,
    imageId: manifest.config.digest,
    manifestDigest: descriptor.digest,
    config,
    repoTags: docker.tagsOf(manifest.config.digest),
    repoDigests: [],
    layers: makeLayers(config, stored),
  };
}

/** A wrong size is looked into at once: reading will be refused anyway, and the hash tells what happened. */
async function findLayer(files: FileStore, layer: Descriptor, signal: CancelSignal): Promise<StoredFile> {
  const file = await files.find(blobPath(layer.digest));
  if (!file) throw new ImageError('BLOB_MISSING', `layer ${layer.digest} is not in the ${files.noun}`);
  if (file.sizeBytes === layer.sizeBytes) return file;
  const actual = await hashStored(file, layer.digest, signal);
  if (actual !== layer.digest) throw digestMismatch(`layer ${layer.digest}`, layer.digest, actual);
  throw sizeMismatch(`layer ${layer.digest}`, layer.sizeBytes, file.sizeBytes);
}

async function readManifest(
  files: FileStore,
  descriptor: Descriptor,
  signal: CancelSignal,
): Promise<Manifest | undefined> {
  const what = `manifest ${descriptor.digest}`;
  const bytes = await readBlob(files, descriptor, { what, signal });
  return bytes && parsed(() => parseManifest(bytes, what));
}

async function readConfig(
  files: FileStore,
  manifest: Manifest,
  signal: CancelSignal,
): Promise<ImageConfig | undefined> {
  const what = `config ${manifest.config.digest}`;
  const bytes = await readBlob(files, manifest.config, { what, signal });
  return bytes && parsed(() => parseImageConfig(bytes, what));
}

async function firstMissing(files: FileStore, manifest: Manifest): Promise<string | undefined> {
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    if (!(await files.find(blobPath(digest)))) return blobPath(digest);
  }
  return undefined;
}
