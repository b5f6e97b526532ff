import { FormatError, limits } from '../core/index.js';
import { asString } from '../formats/index.js';
import { type Descriptor, readAnnotations, readDescriptor } from './descriptor.js';
import { invalid, listField, optionalText, parseDocument } from './fields.js';
import { mediaKind } from './media-types.js';

/** Names config and layers of one image. https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export interface Manifest {
  readonly mediaType?: string | undefined;
  readonly config: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Descriptor[];
  readonly artifactType?: string | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * An image manifest of OCI, or of Docker's schema 2.
 * @throws FormatError `UNSUPPORTED` for Docker's schema 1, `INVALID`, `LIMIT_EXCEEDED`
 */
export function parseManifest(bytes: Uint8Array, what = 'the image manifest'): Manifest {
  const document = parseDocument(bytes, what);
  if (document['schemaVersion'] === 1) {
    throw new FormatError('UNSUPPORTED', `${what} is of Docker schema 1, which was given up years ago and is not read`);
  }
  // A document that reads as a manifest and as an index at once is an old attack: each reader would see another image.
  if (document['manifests'] !== undefined) throw invalid(what, 'is a manifest and an index at once');
  const mediaType = optionalText(document['mediaType']);
  if (mediaType !== undefined && mediaKind(mediaType) === 'index') throw invalid(what, 'says that it is an index');
  return {
    mediaType,
    config: readDescriptor(document['config'], `${what}: its config`),
    layers: listField(document['layers'], `${what}: its list of layers`, limits.layers).map((layer, index) =>
      readDescriptor(layer, `${what}: its layer ${index + 1}`),
    ),
    artifactType: asString(document['artifactType']),
    annotations: readAnnotations(document['annotations']),
  };
}

/**
 * Is this a manifest of a container image, and not of something else that registries carry (a chart, a signature)? Some
 * of those have the config of an image and documents for its layers.
 */
export function isImageManifest({ config, layers }: Manifest): boolean {
  if (mediaKind(config.mediaType) !== 'config') return false;
  return layers.length === 0 || !layers.every(({ mediaType }) => isDocument(mediaType));
}

/** What a manifest of something else is of: the type that it names, else that of its config or of what it holds. */
export function artifactTypeOf({ artifactType, config, layers }: Manifest): string {
  if (artifactType !== undefined) return artifactType;
  const [first] = layers;
  return mediaKind(config.mediaType) === 'config' && first ? first.mediaType : config.mediaType;
}

/** JSON, XML and text: never a layer's archive. */
function isDocument(mediaType: string): boolean {
  const bare = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return bare.startsWith('text/') || /[/+](?:json|xml)$/.test(bare);
}
