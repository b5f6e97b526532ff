import { type Context, FormatError } from '../core/index.js';
import { type Descriptor, isAttestation, mediaKind, parseImageIndex, parseManifest } from '../oci/index.js';
import { type Digest, formatReference, type Reference } from '../reference/index.js';
import type { FetchedManifest, RegistryClient } from '../registry/index.js';
import { AdvisoryError } from './errors.js';

/** The one layer's media type; anything else is no database. */
export const databaseLayerType = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
/** What the artifact calls itself; readers do not look at it. */
export const databaseArtifactType = 'application/vnd.aquasec.trivy.config.v1+json';
/** The annotation of the layer that holds the name of its file. */
export const titleAnnotation = 'org.opencontainers.image.title';
/** The file name that the layer bears. */
export const databaseArchiveName = 'db.tar.gz';

/** A packed database larger than this is refused unread; public ones have some tens of megabytes. */
export const maxPackedBytes = 8 * 1024 ** 3;

/** A database as a repository offers it. */
export interface DatabaseArtifact {
  /** Of the image manifest. */
  readonly manifestDigest: Digest;
  readonly layer: Descriptor;
}

/**
 * Finds the database that a reference leads to: an image manifest with one layer of the right media type that is titled
 * with a file name; of an index, its first image manifest.
 * @throws AdvisoryError `ARTIFACT_INVALID` for anything else; RegistryError
 */
export async function findArtifact(
  ctx: Context,
  client: RegistryClient,
  reference: Reference,
): Promise<DatabaseArtifact> {
  const found = await client.fetchManifest(ctx, reference);
  const manifest = mediaKind(found.mediaType) === 'index' ? await firstOf(ctx, client, { found, reference }) : found;
  return asArtifact(manifest, reference);
}

async function firstOf(
  ctx: Context,
  client: RegistryClient,
  index: { readonly found: FetchedManifest; readonly reference: Reference },
): Promise<FetchedManifest> {
  const { found, reference } = index;
  const { manifests } = about(reference, () => parseImageIndex(found.bytes));
  const first = manifests.find((one) => mediaKind(one.mediaType) === 'manifest' && !isAttestation(one));
  if (!first) throw invalid(reference, 'its index names no manifest');
  const { registry, repository } = reference;
  const manifest = await client.fetchManifest(ctx, { registry, repository, digest: first.digest });
  if (mediaKind(manifest.mediaType) === 'index') throw invalid(reference, 'its index leads to another index');
  return manifest;
}

function asArtifact(found: FetchedManifest, reference: Reference): DatabaseArtifact {
  const { layers } = about(reference, () => parseManifest(found.bytes));
  const [layer] = layers;
  if (!layer || layers.length > 1) {
    throw invalid(reference, `a database has a single layer, and this has ${layers.length}`);
  }
  if (layer.mediaType !== databaseLayerType) {
    throw invalid(reference, `its layer has the media type ${quote(layer.mediaType)} and not ${databaseLayerType}`);
  }
  const title = layer.annotations.get(titleAnnotation);
  if (title === undefined) throw invalid(reference, `its layer has no annotation ${titleAnnotation}`);
  if (!isLocalPath(title)) throw invalid(reference, `its layer is titled ${quote(title)}, which leads out of a folder`);
  if (layer.sizeBytes === 0) throw invalid(reference, 'its layer is empty');
  if (layer.sizeBytes > maxPackedBytes) throw invalid(reference, `its layer has ${layer.sizeBytes} bytes`);
  return { manifestDigest: found.digest, layer };
}

/** Relative, inside its folder on every system. */
function isLocalPath(path: string): boolean {
  if (path === '' || /^[/\\]|^[A-Za-z]:|\0/.test(path)) return false;
  return !path.split(/[/\\]/).includes('..');
}

function about<T>(reference: Reference, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof FormatError) throw invalid(reference, cause.message, cause);
    throw cause;
  }
}

function invalid(reference: Reference, why: string, cause?: unknown): AdvisoryError {
  return new AdvisoryError('ARTIFACT_INVALID', `${formatReference(reference)} holds no database: ${why}`, {
    hint: 'check the name of the repository',
    cause,
  });
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 97)}...` : text);
}
