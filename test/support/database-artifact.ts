import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { advisoryDatabase } from './advisory-database.js';
import { tarOf } from './advisory-tar.js';
import type { RegistryServer } from './registry/index.js';

/** What a test database says of itself. */
export interface DatabaseLife {
  /** Default: 2026-08-21. */
  readonly updatedAt?: string;
  /** Default: in the year 2100. */
  readonly nextUpdate?: string;
  readonly version?: number;
  /** Bytes that do not pack well, to make it larger: a third file of the archive, which nobody reads. */
  readonly ballast?: number;
}

const layerType = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** A database file with one advisory of Alpine's openssl, `CVE-2099-0001`. */
export async function smallDatabase(folder: string): Promise<Uint8Array> {
  const text =
    'tidewaiter: advisories/v1\nscope: alpine 3.11\nsource: alpine\nadvisories:\n  openssl: {CVE-2099-0001: 1.1.1z-r0}\n';
  return readFileSync(join(await advisoryDatabase(folder, { 'advisories.yaml': text }), 'trivy.db'));
}

export function metadataOf(life: DatabaseLife = {}): string {
  const { version = 2, updatedAt = '2026-08-21T06:16:26.279066241Z', nextUpdate = '2100-01-01T00:00:00Z' } = life;
  const zero = '0001-01-01T00:00:00Z';
  return `${JSON.stringify({ Version: version, NextUpdate: nextUpdate, UpdatedAt: updatedAt, DownloadedAt: zero })}\n`;
}

/** The archive that registries hold. */
export function packedDatabase(database: Uint8Array, life: DatabaseLife = {}): Uint8Array {
  const files = { 'trivy.db': database, 'metadata.json': new TextEncoder().encode(metadataOf(life)) };
  return gzipSync(tarOf(life.ballast === undefined ? files : { ...files, ballast: noise(life.ballast) }));
}

/** Bytes that look random and are always the same. */
function noise(length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < length; at += 64) parts.push(createHash('sha512').update(String(at)).digest());
  return Buffer.concat(parts).subarray(0, length);
}

/** Changes to the manifest of an artifact. */
export interface ArtifactChanges {
  readonly mediaType?: string;
  /** `undefined`: no annotation. */
  readonly title?: string | undefined;
  /** How many times the layer is named; default 1. */
  readonly layers?: number;
}

/** Puts a packed database into a registry as `oras` does. @returns the digest of its layer */
export function addDatabase(
  registry: RegistryServer,
  place: { readonly repository: string; readonly tag?: string },
  packed: Uint8Array,
  changes: ArtifactChanges = {},
): string {
  const digest = registry.addBlob(place.repository, packed);
  const config = registry.addBlob(place.repository, new TextEncoder().encode('{}'));
  const title = 'title' in changes ? changes.title : 'db.tar.gz';
  const layer = {
    mediaType: changes.mediaType ?? layerType,
    digest,
    size: packed.length,
    ...(title === undefined ? {} : { annotations: { 'org.opencontainers.image.title': title } }),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: 'application/vnd.aquasec.trivy.config.v1+json',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config, size: 2 },
    layers: Array.from({ length: changes.layers ?? 1 }, () => layer),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  registry.addManifest(place.repository, place.tag ?? '2', bytes, manifestType);
  return digest;
}
