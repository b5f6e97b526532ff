import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CancelSignal, type Context, FormatError } from '../core/index.js';
import { BoltDatabase, compressionOf } from '../formats/index.js';
import { formatReference, parseDigest, type Digest, type Reference } from '../reference/index.js';
import type { BlobSource, RegistryClient } from '../registry/index.js';
import { databaseArchiveName, databaseArtifactType, databaseLayerType, titleAnnotation } from './artifact.js';
import { checkDatabase, checkSchema } from './check-database.js';
import { aboutDatabase, errorNumber, fileError } from './errors.js';
import { FileAccess, readSmallFile } from './file-access.js';
import { unwritable } from './install.js';
import { databasesFolderName } from './installed.js';
import {
  databaseFileName,
  decodeMetadata,
  encodeMetadata,
  maxMetadataBytes,
  type Metadata,
  metadataFileName,
  schemaVersion,
} from './metadata.js';
import { decodeDatabaseMeta, metaKey, ownBucketName } from './own-bucket.js';
import { hashFile, packDatabase, type PackedFile } from './pack-database.js';
import { TarUnpacker } from './tar-unpacker.js';
import { isTar, unpackFile } from './unpack.js';
import { sizeInWords } from './update-words.js';

export interface PushOptions {
  /** A database file, with `metadata.json` beside it or not; a folder that holds both; or the packed archive. */
  readonly path: string;
  /** Where to; its tag is what the schema version is for everybody who pulls. */
  readonly reference: Reference;
  readonly registry: RegistryClient;
  /** For the packed copy while it is sent; absent: the system's folder for temporary files. */
  readonly cacheDir: string | undefined;
}

export interface PushedDatabase {
  /** Digest of its manifest. */
  readonly digest: Digest;
  readonly layerDigest: Digest;
  readonly sizeBytes: number;
  /** RFC 3339. */
  readonly updatedAt: string | undefined;
}

const imageManifestType = 'application/vnd.oci.image.manifest.v1+json';
const emptyConfigType = 'application/vnd.oci.empty.v1+json';
const createdAnnotation = 'org.opencontainers.image.created';
const dayMs = 24 * 60 * 60 * 1000;
const pushHint = 'get or build the file again; nothing was pushed';

/**
 * Puts a database into a registry, as an artifact that every reader of the format takes. The same database gives the
 * same artifact. An archive that is packed already is sent as it is; it must hold both files.
 * @throws AdvisoryError `DATABASE_MISSING`, `DATABASE_CORRUPT`, `DATABASE_SCHEMA`, `DATABASE_UNREADABLE`,
 * `DATABASE_UNWRITABLE` (no room for the packed copy); RegistryError
 */
export async function pushDatabase(ctx: Context, options: PushOptions): Promise<PushedDatabase> {
  const folder = makeSpoolFolder(options.cacheDir);
  try {
    const packed = await pack(ctx, options.path, folder);
    return await send(ctx, options, packed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Packed extends PackedFile {
  readonly metadata: Metadata;
}

async function pack(ctx: Context, path: string, folder: string): Promise<Packed> {
  const file = isFolder(path) ? join(path, databaseFileName) : path;
  const access = openFile(file);
  try {
    const head = access.read(0, Math.min(512, access.size));
    if (compressionOf(head) === 'gzip') return await takePacked(ctx, { path: file, sizeBytes: access.size, head });
    if (compressionOf(head) !== 'none' || isTar(head)) {
      throw new FormatError('UNSUPPORTED', 'registries hold it as .tar.gz, and it is packed otherwise');
    }
    checkDatabase(access);
    const metadata = metadataFor(ctx, path, access);
    const target = join(folder, databaseArchiveName);
    const job = { databasePath: file, databaseBytes: access.size, metadata: encoded(metadata), target };
    return { ...(await toDisk(folder, () => packDatabase(ctx, job))), metadata };
  } catch (cause) {
    return aboutDatabase(path, pushHint, () => {
      throw cause;
    });
  } finally {
    access.close();
  }
}

/** Looks through a packed database, so that nobody is given what cannot be installed. */
async function takePacked(
  ctx: Context,
  file: { readonly path: string; readonly sizeBytes: number; readonly head: Uint8Array },
): Promise<Packed> {
  let metadata: Uint8Array | undefined;
  let databases = 0;
  const unpacker = new TarUnpacker({
    wants: ({ path, type }) => {
      if (type === 'file' && path === metadataFileName) return 'collect';
      if (type === 'file' && path === databaseFileName) databases++;
      return 'skip';
    },
    onCollected: (bytes) => (metadata = bytes),
    onBytes: () => {},
    maxCollectedBytes: maxMetadataBytes,
  });
  await unpackFile(ctx, {
    path: file.path,
    compression: compressionOf(file.head),
    sizeBytes: file.sizeBytes,
    onRead: (done) => ctx.progress?.({ task: 'checking the database', done, total: file.sizeBytes, unit: 'bytes' }),
    onChunk: (chunk) => unpacker.feed(chunk),
  });
  unpacker.end();
  if (databases !== 1) throw new FormatError('INVALID', `it holds ${databaseFileName} ${databases} times, not once`);
  if (!metadata) throw new FormatError('INVALID', `the archive does not hold ${metadataFileName}`);
  const decoded = decodeMetadata(metadata);
  checkSchema(file.path, decoded.version);
  return { ...(await hashFile(ctx, file.path)), metadata: decoded };
}

/** What readers decide by when they download: when it was made, and when to look for the next. */
function metadataFor(ctx: Context, path: string, access: FileAccess): Metadata {
  const file = isFolder(path) ? join(path, metadataFileName) : join(path, '..', metadataFileName);
  const bytes = readSmallFile(file, maxMetadataBytes);
  const beside = bytes && decodeMetadata(bytes);
  if (beside) checkSchema(path, beside.version);
  const updatedAt = beside?.updatedAt ?? madeAt(access) ?? ctx.now().toISOString();
  const nextUpdate = beside?.nextUpdate ?? new Date(Date.parse(updatedAt) + dayMs).toISOString();
  // Nobody has downloaded it yet.
  return { version: schemaVersion, updatedAt, nextUpdate, downloadedAt: undefined };
}

function encoded(metadata: Metadata): Uint8Array {
  return new TextEncoder().encode(encodeMetadata(metadata));
}

function madeAt(access: FileAccess): string | undefined {
  const encoder = new TextEncoder();
  const bytes = new BoltDatabase(access).root.bucket(encoder.encode(ownBucketName))?.get(encoder.encode(metaKey));
  const updatedAt = bytes && decodeDatabaseMeta(bytes).updatedAt;
  return updatedAt === undefined || Number.isNaN(Date.parse(updatedAt)) ? undefined : updatedAt;
}

async function send(ctx: Context, options: PushOptions, packed: Packed): Promise<PushedDatabase> {
  const { registry, reference } = options;
  const layerDigest = parseDigest(`sha256:${packed.hash}`);
  const config = new TextEncoder().encode('{}');
  const configDigest = digestOf(config);
  ctx.log('info', `pushing the database to ${formatReference(reference)} (${sizeInWords(packed.sizeBytes)})`);
  await registry.pushBlob(ctx, reference, bytesBlob(configDigest, config));
  await registry.pushBlob(ctx, reference, fileBlob(ctx, layerDigest, packed));
  const manifest = manifestOf({ configDigest, config, layerDigest, packed });
  const digest = await registry.pushManifest(ctx, reference, manifest);
  return { digest, layerDigest, sizeBytes: packed.sizeBytes, updatedAt: packed.metadata.updatedAt };
}

function manifestOf(parts: {
  readonly configDigest: Digest;
  readonly config: Uint8Array;
  readonly layerDigest: Digest;
  readonly packed: Packed;
}): { readonly bytes: Uint8Array; readonly mediaType: string } {
  const { updatedAt } = parts.packed.metadata;
  const document = {
    schemaVersion: 2,
    mediaType: imageManifestType,
    artifactType: databaseArtifactType,
    config: {
      mediaType: emptyConfigType,
      digest: parts.configDigest,
      size: parts.config.length,
      data: Buffer.from(parts.config).toString('base64'),
    },
    layers: [
      {
        mediaType: databaseLayerType,
        digest: parts.layerDigest,
        size: parts.packed.sizeBytes,
        annotations: { [titleAnnotation]: databaseArchiveName },
      },
    ],
    // The time of the database and not of the push: the same database is the same artifact.
    ...(updatedAt === undefined ? {} : { annotations: { [createdAnnotation]: updatedAt } }),
  };
  return { bytes: new TextEncoder().encode(JSON.stringify(document)), mediaType: imageManifestType };
}

function bytesBlob(digest: Digest, bytes: Uint8Array): BlobSource {
  return {
    digest,
    sizeBytes: bytes.length,
    async *open(start) {
      yield bytes.subarray(start);
    },
  };
}

function fileBlob(ctx: Context, digest: Digest, { path, sizeBytes }: PackedFile): BlobSource {
  return {
    digest,
    sizeBytes,
    async *open(start: number, signal: CancelSignal) {
      let done = start;
      for await (const chunk of createReadStream(path, { start, highWaterMark: 256 * 1024 })) {
        signal.throwIfAborted();
        const bytes = chunk as Uint8Array;
        yield bytes;
        done += bytes.length;
        ctx.progress?.({ task: 'pushing the database', done, total: sizeBytes, unit: 'bytes' });
      }
    },
  };
}

function digestOf(bytes: Uint8Array): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw fileError(path, cause);
  }
}

function openFile(path: string): FileAccess {
  try {
    return new FileAccess(path);
  } catch (cause) {
    return aboutDatabase(path, pushHint, () => {
      throw cause instanceof FormatError ? cause : fileError(path, cause);
    });
  }
}

function makeSpoolFolder(cacheDir: string | undefined): string {
  const name = `.push-${process.pid}-${randomBytes(6).toString('hex')}`;
  const folder =
    cacheDir === undefined ? join(tmpdir(), `tidewaiter${name}`) : join(cacheDir, databasesFolderName, name);
  try {
    mkdirSync(folder, { recursive: cacheDir !== undefined, mode: 0o700 });
    return folder;
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

async function toDisk<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw errorNumber(cause)?.startsWith('E') ? unwritable(folder, cause) : cause;
  }
}
