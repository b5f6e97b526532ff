import { type CancelSignal, limits } from '../core/index.js';
import { cleanPath } from '../formats/index.js';
import { type DockerArchiveImage, type Manifest, parseDockerArchiveList, parseImageConfig } from '../oci/index.js';
import type { Digest } from '../reference/index.js';
import { blobPath, hashOf, parsed, readNamed } from './documents.js';
import { ImageError } from './errors.js';
import { type FileStore, readWhole } from './file-store.js';

interface Listed extends DockerArchiveImage {
  /** What the named config hashes to; nothing when it is not there. */
  readonly configDigest: Digest | undefined;
  readonly isForAPlatform: boolean;
}

/**
 * The docker archive's list that lies beside an OCI layout. It gives the names; and as some tools load images by it and
 * others by `index.json`, the two must mean the same images.
 */
export class DockerNames {
  readonly #images: readonly Listed[];
  readonly #known = new Set<Digest>();

  constructor(images: readonly Listed[]) {
    this.#images = images;
  }

  static async read(files: FileStore, signal: CancelSignal): Promise<DockerNames> {
    const bytes = await readNamed(files, 'manifest.json', signal);
    if (!bytes) return new DockerNames([]);
    const images: Listed[] = [];
    for (const image of parsed(() => parseDockerArchiveList(bytes))) {
      const file = await files.find(cleanPath(image.config));
      const config = file && (await readWhole(file, limits.imageDocumentBytes, signal));
      const { os } = config
        ? parsed(() => parseImageConfig(config, `config ${image.config}`)).platform
        : { os: 'unknown' };
      images.push({ ...image, configDigest: config && hashOf(config), isForAPlatform: os !== 'unknown' });
    }
    return new DockerNames(images);
  }

  /** Told of every image that `index.json` leads to. */
  know(configDigest: Digest): void {
    this.#known.add(configDigest);
  }

  tagsOf(configDigest: Digest): readonly string[] {
    return this.#images.filter((image) => image.configDigest === configDigest).flatMap((image) => image.repoTags);
  }

  /** @throws ImageError `ARCHIVE_AMBIGUOUS` when the list has an image to which `index.json` does not lead */
  refuseOtherImages(): void {
    for (const { configDigest, isForAPlatform } of this.#images) {
      if (configDigest !== undefined && isForAPlatform && !this.#known.has(configDigest)) {
        throw ambiguous(`manifest.json names the image ${configDigest}, which index.json does not`);
      }
    }
  }

  /** @throws ImageError `ARCHIVE_AMBIGUOUS` when the list gives this image other layers than its manifest does */
  refuseOtherLayers(manifest: Manifest): void {
    const blobs = manifest.layers.map((layer) => blobPath(layer.digest));
    for (const image of this.#images) {
      if (image.configDigest !== manifest.config.digest) continue;
      const paths = image.layers.map(cleanPath);
      if (!paths.every((path) => path.startsWith('blobs/'))) continue; // older names, which say nothing about content
      if (paths.join(' ') !== blobs.join(' ')) {
        throw ambiguous(`manifest.json gives image ${manifest.config.digest} other layers than its manifest does`);
      }
    }
  }
}

function ambiguous(message: string): ImageError {
  return new ImageError('ARCHIVE_AMBIGUOUS', `the archive contradicts itself: ${message}`, {
    hint: 'save the image again; an archive like this can show one image to a scanner and another to a runtime',
  });
}
