import { type CancelSignal, limits } from '../core/index.js';
import { type Descriptor, type ImageConfig, layerHistory, type Manifest } from '../oci/index.js';
import type { Digest } from '../reference/index.js';
import { asImageError, digestMismatch, ImageError } from './errors.js';
import { type FileStore, readWhole, type StoredFile } from './file-store.js';
import { algorithmOf, Hash } from './hash.js';
import type { Layer } from './image.js';

/**
 * A document of fixed name. When an archive holds two of them that differ, two readers could see two images.
 * @throws ImageError `ARCHIVE_AMBIGUOUS`, `LIMIT_EXCEEDED`
 */
export async function readNamed(files: FileStore, path: string, signal: CancelSignal): Promise<Uint8Array | undefined> {
  let whole: Uint8Array | undefined;
  for (const file of await files.findAll(path)) {
    const bytes = await readWhole(file, limits.imageDocumentBytes, signal);
    if (whole && hashOf(whole) !== hashOf(bytes)) {
      throw new ImageError('ARCHIVE_AMBIGUOUS', `the archive holds ${path} twice, with different content`, {
        hint: 'save the image again; an archive like this can show one image to a scanner and another to a runtime',
      });
    }
    whole = bytes;
  }
  return whole;
}

/**
 * The blob that a descriptor names, checked against its digest and size; nothing when it is not there.
 * @throws ImageError `DIGEST_MISMATCH`, `SIZE_MISMATCH`, `LIMIT_EXCEEDED`
 */
export async function readBlob(
  files: FileStore,
  descriptor: Descriptor,
  options: { readonly what: string; readonly signal: CancelSignal },
): Promise<Uint8Array | undefined> {
  const file = await files.find(blobPath(descriptor.digest));
  if (!file) return undefined;
  const bytes = await readWhole(file, limits.imageDocumentBytes, options.signal);
  const actual = hashOf(bytes, algorithmOf(descriptor.digest));
  if (actual !== descriptor.digest) throw digestMismatch(options.what, descriptor.digest, actual);
  if (bytes.length !== descriptor.sizeBytes) throw sizeMismatch(options.what, descriptor.sizeBytes, bytes.length);
  return bytes;
}

/** What `read` makes of a document, its complaints as errors of this room. */
export function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw asImageError(thrown, 'the image is not valid');
  }
}

export function blobPath(digest: Digest): string {
  return `blobs/${digest.replace(':', '/')}`;
}

export function hashOf(bytes: Uint8Array, algorithm = 'sha256'): Digest {
  const hash = new Hash(algorithm);
  hash.update(bytes);
  return hash.digest();
}

/** Hash of a stored file, by the algorithm of the digest that it should have. */
export async function hashStored(file: StoredFile, like: Digest, signal: CancelSignal): Promise<Digest> {
  const hash = new Hash(algorithmOf(like));
  for await (const chunk of file.open(signal)) hash.update(chunk);
  return hash.digest();
}

export function sizeMismatch(what: string, claimed: number, actual: number): ImageError {
  return new ImageError('SIZE_MISMATCH', `${what} should have ${claimed} bytes, but has ${actual}`, {
    hint: 'the image was damaged or tampered with; get it again from where it came',
  });
}

/**
 * Layers from files and what the config says about them.
 * @throws ImageError `LAYER_COUNT_MISMATCH`
 */
export function makeLayers(
  config: ImageConfig,
  stored: readonly { readonly file: StoredFile; readonly digest: Digest | undefined }[],
): readonly Layer[] {
  if (stored.length !== config.diffIds.length) throw layerCountMismatch(stored.length, config.diffIds.length);
  const history = layerHistory(config);
  return config.diffIds.map((diffId, index) => {
    const layer = stored[index];
    if (!layer) throw new RangeError(`no layer ${index}`);
    const { file, digest } = layer;
    const { sizeBytes, place } = file;
    const createdBy = history[index];
    return { index, diffId, digest, sizeBytes, createdBy, place, open: (signal) => file.open(signal) };
  });
}

export function layerCountMismatch(layers: number, diffIds: number): ImageError {
  return new ImageError(
    'LAYER_COUNT_MISMATCH',
    `the image has ${layers} layers, but its config has ${diffIds} diff IDs, so that not every layer can be checked`,
    { hint: 'get the image again from where it came' },
  );
}

/** A build attestation, by what its layers are: there are some whose descriptor does not say so. */
export function isInToto({ layers }: Manifest): boolean {
  return layers.length > 0 && layers.every((layer) => layer.mediaType.startsWith('application/vnd.in-toto'));
}
