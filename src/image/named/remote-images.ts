import { type Context, FormatError, limits } from '../../core/index.js';
import {
  artifactTypeOf,
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
import type { Digest, Platform, Reference } from '../../reference/index.js';
import type { FetchedManifest } from '../../registry/index.js';
import type { Candidate, Found } from '../candidate.js';
import { hashOf, isInToto, parsed, sizeMismatch } from '../documents.js';
import { digestMismatch, ImageError } from '../errors.js';
import { algorithmOf } from '../hash.js';
import type { Image } from '../image.js';
import { remoteLayers } from './remote-layers.js';
import type { ImageRegistry } from './stored-documents.js';

/** Documents that are fetched to find out for which platforms there are images, where an index does not tell. */
const mostFetched = 100;

export interface RemoteOptions {
  readonly context: Context;
  readonly client: ImageRegistry;
  readonly reference: Reference;
  readonly names: Pick<Image, 'repoTags' | 'repoDigests'>;
}

interface ReadManifest {
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/** What a manifest or an index in a registry leads to. Of an image of several platforms only the chosen one is fetched. */
export class RemoteImages {
  readonly names: Pick<Image, 'repoTags' | 'repoDigests'>;
  readonly #context: Context;
  readonly #client: ImageRegistry;
  readonly #reference: Reference;
  readonly #candidates: Candidate[] = [];
  readonly #artifacts = new Set<string>();
  #attestations = 0;
  #seen = 0;
  #fetched = 0;

  constructor({ context, client, reference, names }: RemoteOptions) {
    this.names = names;
    this.#context = context;
    this.#client = client;
    this.#reference = reference;
  }

  /** @throws ImageError `DOCUMENT_INVALID`, `LIMIT_EXCEEDED`, `UNSUPPORTED`; RegistryError */
  async find(top: FetchedManifest): Promise<Found> {
    if (kindOf(top) === 'index') await this.#walk(top, 1);
    else await this.#take(top, undefined);
    return { candidates: this.#candidates, attestations: this.#attestations, artifacts: [...this.#artifacts] };
  }

  async #walk({ bytes, digest }: FetchedManifest, depth: number): Promise<void> {
    const index = parsed(() => parseImageIndex(bytes, `index ${digest}`));
    for (const descriptor of index.manifests) await this.#follow(descriptor, depth + 1);
  }

  async #follow(descriptor: Descriptor, depth: number): Promise<void> {
    if (++this.#seen > limits.manifests || depth > limits.indexDepth + 1) {
      throw new ImageError(
        'LIMIT_EXCEEDED',
        `the index leads to more than ${limits.manifests} manifests, or deeper than ${limits.indexDepth} levels`,
      );
    }
    if (isAttestation(descriptor)) {
      this.#attestations++;
      return;
    }
    const kind = mediaKind(descriptor.mediaType);
    if (kind === 'index') await this.#walk(await this.#fetch(descriptor), depth);
    else if (kind !== 'manifest') this.#artifacts.add(descriptor.artifactType ?? descriptor.mediaType);
    else if (descriptor.platform === undefined) await this.#followUnplaced(descriptor);
    else if (namedArtifact(descriptor) !== undefined) await this.#take(await this.#fetch(descriptor), descriptor);
    else this.#add(descriptor.digest, descriptor.platform, async () => this.#later(descriptor));
  }

  /** Without a platform, what has a type of its own is no image, and of others the config tells the platform. */
  async #followUnplaced(descriptor: Descriptor): Promise<void> {
    const artifact = namedArtifact(descriptor);
    if (artifact !== undefined) this.#artifacts.add(artifact);
    else await this.#take(await this.#fetch(descriptor), descriptor);
  }

  /** A manifest that was fetched: an image, for the platform that its config names, or something else. */
  async #take(fetched: FetchedManifest, descriptor: Descriptor | undefined): Promise<void> {
    const manifest = parsed(() => parseManifest(fetched.bytes, `manifest ${fetched.digest}`));
    if (isInToto(manifest)) {
      this.#attestations++;
    } else if (!isImageManifest(manifest)) {
      this.#artifacts.add(artifactTypeOf(manifest));
    } else {
      const config = await this.#fetchConfig(manifest);
      const platform = descriptor?.platform ?? config.platform;
      this.#add(fetched.digest, platform, () => this.#load({ digest: fetched.digest, manifest, config }, platform));
    }
  }

  #add(digest: Digest, platform: Platform, load: () => Promise<Image>): void {
    this.#candidates.push({ group: 0, names: [], digests: [digest], platform, load });
  }

  async #later(descriptor: Descriptor): Promise<Image> {
    const { bytes, digest } = await this.#fetch(descriptor);
    const manifest = parsed(() => parseManifest(bytes, `manifest ${digest}`));
    if (isInToto(manifest) || !isImageManifest(manifest)) {
      throw new ImageError('NOT_AN_IMAGE', `manifest ${digest} is no container image, but ${artifactTypeOf(manifest)}`);
    }
    const config = await this.#fetchConfig(manifest);
    return await this.#load({ digest, manifest, config }, descriptor.platform ?? config.platform);
  }

  async #load({ digest, manifest, config }: ReadManifest, platform: Platform): Promise<Image> {
    const place = { context: this.#context, client: this.#client, repository: this.#reference };
    return {
      platform,
      imageId: manifest.config.digest,
      manifestDigest: digest,
      config,
      ...this.names,
      layers: await remoteLayers(place, manifest, config),
    };
  }

  async #fetch({ digest, sizeBytes }: Descriptor): Promise<FetchedManifest> {
    this.#count(`document ${digest}`);
    const { registry, repository } = this.#reference;
    const fetched = await this.#client.fetchManifest(this.#context, { registry, repository, digest });
    const actual = hashOf(fetched.bytes, algorithmOf(digest));
    if (actual !== digest) throw digestMismatch(`manifest ${digest}`, digest, actual);
    if (fetched.bytes.length !== sizeBytes) {
      throw sizeMismatch(`manifest ${digest}`, sizeBytes, fetched.bytes.length);
    }
    return { ...fetched, digest };
  }

  async #fetchConfig({ config }: Manifest): Promise<ImageConfig> {
    this.#count(`config ${config.digest}`);
    const what = `config ${config.digest}`;
    if (config.sizeBytes > limits.imageDocumentBytes) {
      throw new ImageError(
        'LIMIT_EXCEEDED',
        `${what} has ${config.sizeBytes} bytes; at most ${limits.imageDocumentBytes} are read`,
      );
    }
    const bytes = new Uint8Array(config.sizeBytes);
    let at = 0;
    for await (const chunk of this.#client.fetchBlob(this.#context, this.#reference, config)) {
      if (at + chunk.length > bytes.length) throw sizeMismatch(what, config.sizeBytes, at + chunk.length);
      bytes.set(chunk, at);
      at += chunk.length;
    }
    if (at !== bytes.length) throw sizeMismatch(what, config.sizeBytes, at);
    const actual = hashOf(bytes, algorithmOf(config.digest));
    if (actual !== config.digest) throw digestMismatch(what, config.digest, actual);
    return parsed(() => parseImageConfig(bytes, what));
  }

  #count(what: string): void {
    if (++this.#fetched <= 2 * mostFetched) return;
    throw new ImageError('LIMIT_EXCEEDED', `the index makes us fetch more than ${mostFetched} manifests, with ${what}`);
  }
}

/** By the registry's word; where that says nothing, by the document's own. */
function kindOf({ bytes, mediaType }: FetchedManifest): 'index' | 'manifest' {
  const kind = mediaKind(mediaType);
  if (kind === 'index' || kind === 'manifest') return kind;
  try {
    parseManifest(bytes);
    return 'manifest';
  } catch (thrown) {
    if (thrown instanceof FormatError && thrown.code === 'UNSUPPORTED') return 'manifest';
  }
  try {
    parseImageIndex(bytes);
    return 'index';
  } catch {
    return 'manifest'; // reading it as one says what is wrong
  }
}

/** The type of something else than an image; some tools put the type of an image's config in its place. */
function namedArtifact({ artifactType }: Descriptor): string | undefined {
  return artifactType !== undefined && mediaKind(artifactType) !== 'config' ? artifactType : undefined;
}
