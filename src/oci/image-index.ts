import { limits } from '../core/index.js';
import { type Descriptor, readAnnotations, readDescriptor } from './descriptor.js';
import { invalid, listField, optionalText, parseDocument } from './fields.js';
import { mediaKind } from './media-types.js';

/** Names manifests, and indexes. https://github.com/opencontainers/image-spec/blob/main/image-index.md */
export interface ImageIndex {
  readonly manifests: readonly Descriptor[];
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * An OCI image index, or Docker's manifest list.
 * @throws FormatError `INVALID`, `LIMIT_EXCEEDED`
 */
export function parseImageIndex(bytes: Uint8Array, what = 'the image index'): ImageIndex {
  const document = parseDocument(bytes, what);
  if (document['config'] !== undefined || document['layers'] !== undefined) {
    throw invalid(what, 'is an index and a manifest at once');
  }
  const mediaType = optionalText(document['mediaType']);
  if (mediaType !== undefined && mediaKind(mediaType) === 'manifest') throw invalid(what, 'says that it is a manifest');
  return {
    manifests: listField(document['manifests'], `${what}: its list of manifests`, limits.manifests).map(
      (manifest, index) => readDescriptor(manifest, `${what}: its manifest ${index + 1}`),
    ),
    annotations: readAnnotations(document['annotations']),
  };
}

/** Does this descriptor name a build attestation (SBOM, provenance) in place of an image? */
export function isAttestation(descriptor: Descriptor): boolean {
  if (descriptor.annotations.has('vnd.docker.reference.type')) return true;
  return descriptor.platform?.os === 'unknown' && descriptor.platform.architecture === 'unknown';
}
