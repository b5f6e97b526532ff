import { FormatError, messageOf } from '../core/index.js';
import type { DataSource, VulnerabilityDetail } from '../findings/index.js';
import { type BoltBucket, BoltDatabase } from '../formats/index.js';
import type { Advisory, AdvisoryAnswer, AdvisoryIndex, UnreadableAdvisory } from '../match/index.js';
import { aboutDatabase, AdvisoryError } from './errors.js';
import type { DatabaseKind, DatabaseParts } from './database-parts.js';
import { findInstalledDatabase, openInstalledFiles } from './installed.js';
import { schemaVersion } from './metadata.js';
import {
  type DatabaseMeta,
  metaKey,
  ownBucketName,
  coverageBucketName,
  decodeCoverage,
  decodeDatabaseMeta,
} from './own-bucket.js';
import { openPlainFile } from './plain-file.js';
import { decodeAdvisory, decodeDataSource, decodeVulnerability } from './record.js';

export interface OpenDatabaseOptions {
  /**
   * `file`: a database file, or a folder that holds `trivy.db`. `starter`: the same, shipped inside the package.
   * `installed`: the folder that `findInstalledDatabase` names; every block is checked against its hash.
   */
  readonly kind: DatabaseKind;
}

/** The facts of a database that reports name. */
export interface DatabaseFacts {
  readonly kind: DatabaseKind;
  /** Path of the file, or `inside the package`. */
  readonly location: string;
  readonly schemaVersion: number;
  /** `sha256:...` of the file; of installed databases only, because the others would have to be read whole. */
  readonly digest?: string | undefined;
  /** RFC 3339. */
  readonly updatedAt?: string | undefined;
  readonly nextUpdate?: string | undefined;
}

/** The reviewed packages of one scope, as the database was made to judge them. */
export interface ScopeCoverage {
  readonly scope: string;
  readonly reviewed: readonly string[];
}

/**
 * Opens a database and reads only its first pages. Close it when done; it keeps what it opened even if the file is
 * replaced meanwhile.
 * @throws AdvisoryError `DATABASE_MISSING`, `DATABASE_CORRUPT`, `DATABASE_SCHEMA` or `DATABASE_UNREADABLE`.
 */
export function openDatabase(path: string, options: OpenDatabaseOptions): OpenedDatabase {
  const parts =
    options.kind === 'installed' ? openInstalledFiles(path) : openPlainFile(path, options.kind, hints[options.kind]);
  try {
    if (parts.metadata && parts.metadata.version !== schemaVersion)
      throw wrongSchema(parts.location, parts.metadata.version);
    return new OpenedDatabase(parts);
  } catch (cause) {
    parts.close();
    throw cause;
  }
}

/**
 * Opens the installed database that is in use, also while another process replaces it; `undefined` if there is none.
 * @throws AdvisoryError as `openDatabase` does.
 */
export function openInstalledDatabase(cacheDir: string): OpenedDatabase | undefined {
  for (let attempt = 1; ; attempt++) {
    const found = findInstalledDatabase(cacheDir);
    if (!found) return undefined;
    try {
      return openDatabase(found.path, { kind: 'installed' });
    } catch (cause) {
      // Two imports between reading the pointer and opening the folder remove the folder: look again.
      const replaced = findInstalledDatabase(cacheDir)?.id !== found.id;
      if (!replaced || attempt >= 5) throw cause;
    }
  }
}

const hints: Readonly<Record<DatabaseKind, string>> = {
  installed: 'fetch it again with "tidewaiter db update", or install a file with "tidewaiter db import FILE"',
  file: 'get the file again, or leave out the option to use the installed database',
  starter: 'install tidewaiter again, or use another database with "tidewaiter db import FILE"',
};

/** A package with more advisories than this in one bucket is a damaged database. */
const maxAdvisories = 500_000;
const maxPackageBytes = 128 * 1024 * 1024;
const maxTopLevelBuckets = 100_000;

/** A database that is being asked. */
export class OpenedDatabase implements AdvisoryIndex {
  readonly #parts: DatabaseParts;
  readonly #root: BoltBucket;
  readonly #buckets = new Map<string, BoltBucket | undefined>();
  readonly #dataSources = new Map<string, DataSource | undefined>();
  readonly #reviewed = new Map<string, ReadonlySet<string> | undefined>();
  #names: readonly string[] | undefined;
  #closed = false;

  constructor(parts: DatabaseParts) {
    this.#parts = parts;
    this.#root = this.#guard(() => new BoltDatabase(parts.access).root);
    // A file whose root cannot be read is found out now, not in the middle of a scan.
    this.#guard(() => this.#root.entries().next());
  }

  /** For reports. */
  info(): DatabaseFacts {
    const { kind, location, digest, metadata } = this.#parts;
    return {
      kind,
      location: kind === 'starter' ? 'inside the package' : location,
      schemaVersion: metadata?.version ?? schemaVersion,
      digest,
      updatedAt: metadata?.updatedAt ?? this.meta()?.updatedAt,
      nextUpdate: metadata?.nextUpdate,
    };
  }

  /** Bytes of the database file. */
  get sizeBytes(): number {
    return this.#parts.access.size;
  }

  /** What the builder wrote about itself; absent in databases of other builders. */
  meta(): DatabaseMeta | undefined {
    return this.#guard(() => {
      const value = this.#bucket(ownBucketName)?.get(bytesOf(metaKey));
      return value && decodeDatabaseMeta(value);
    });
  }

  /** Every top-level bucket with its feed, in byte order of the buckets. */
  sources(): readonly { readonly bucket: string; readonly dataSource: DataSource }[] {
    return this.#guard(() => {
      const sources: { bucket: string; dataSource: DataSource }[] = [];
      for (const { key, value } of this.#bucket('data-source')?.entries() ?? []) {
        const dataSource = value && decodeDataSource(value);
        if (dataSource) sources.push({ bucket: textOf(key), dataSource });
        if (sources.length > maxTopLevelBuckets) throw new FormatError('LIMIT_EXCEEDED', 'too many data sources');
      }
      return sources;
    });
  }

  /** The scopes for which a list of reviewed packages is kept; empty for a database that is whole. */
  get coverage(): readonly ScopeCoverage[] {
    return this.#guard(() => {
      const scopes: ScopeCoverage[] = [];
      const stored = this.#bucket(ownBucketName)?.bucket(bytesOf(coverageBucketName));
      for (const { key, value } of stored?.entries() ?? []) {
        if (value) scopes.push({ scope: textOf(key), reviewed: decodeCoverage(value) });
        if (scopes.length > maxTopLevelBuckets) throw new FormatError('LIMIT_EXCEEDED', 'too many scopes');
      }
      return scopes;
    });
  }

  hasBucket(bucket: string): boolean {
    return this.#guard(() => this.#bucket(bucket) !== undefined);
  }

  bucketsWithPrefix(prefix: string): readonly string[] {
    this.#names ??= this.#guard(() => this.#readNames());
    return this.#names.filter((name) => name.startsWith(prefix));
  }

  advisories(bucket: string, packageName: string): AdvisoryAnswer {
    return this.#guard(() => {
      const stored = packageName === '' ? undefined : this.#bucket(bucket)?.bucket(bytesOf(packageName));
      if (!stored) return nothing;
      const advisories: Advisory[] = [];
      const unreadable: UnreadableAdvisory[] = [];
      const dataSource = this.#dataSource(bucket);
      let bytes = 0;
      for (const { key, value } of stored.entries()) {
        if (!value || value.length === 0) continue;
        bytes += value.length;
        const vulnerabilityId = textOf(key);
        try {
          advisories.push(decodeAdvisory(value, { bucket, vulnerabilityId, dataSource }));
        } catch (cause) {
          if (!(cause instanceof FormatError)) throw cause;
          unreadable.push({ bucket, packageName, vulnerabilityId, reason: messageOf(cause) });
        }
        if (advisories.length + unreadable.length > maxAdvisories || bytes > maxPackageBytes) {
          throw new FormatError('LIMIT_EXCEEDED', 'more advisories of one package than there can be');
        }
      }
      return { advisories, unreadable };
    });
  }

  vulnerability(id: string): VulnerabilityDetail | undefined {
    return this.#guard(() => {
      const value = id === '' ? undefined : this.#bucket('vulnerability')?.get(bytesOf(id));
      return value && decodeVulnerability(value);
    });
  }

  reviewed(scope: string, packageName: string): boolean | undefined {
    if (!this.#reviewed.has(scope))
      this.#reviewed.set(
        scope,
        this.#guard(() => this.#readReviewed(scope)),
      );
    return this.#reviewed.get(scope)?.has(packageName);
  }

  /** Further questions fail after this. */
  close(): void {
    this.#closed = true;
    this.#parts.close();
  }

  #bucket(name: string): BoltBucket | undefined {
    if (name === '') return undefined;
    if (!this.#buckets.has(name)) this.#buckets.set(name, this.#root.bucket(bytesOf(name)));
    return this.#buckets.get(name);
  }

  #dataSource(bucket: string): DataSource | undefined {
    if (!this.#dataSources.has(bucket)) {
      const value = this.#bucket('data-source')?.get(bytesOf(bucket));
      this.#dataSources.set(bucket, value && decodeDataSource(value));
    }
    return this.#dataSources.get(bucket);
  }

  #readNames(): readonly string[] {
    const names: string[] = [];
    for (const { key, value } of this.#root.entries()) {
      if (value === undefined) names.push(textOf(key));
      if (names.length > maxTopLevelBuckets) throw new FormatError('LIMIT_EXCEEDED', 'too many top-level buckets');
    }
    return names;
  }

  #readReviewed(scope: string): ReadonlySet<string> | undefined {
    const stored = scope === '' ? undefined : this.#bucket(ownBucketName)?.bucket(bytesOf(coverageBucketName));
    const value = stored?.get(bytesOf(scope));
    return value && new Set(decodeCoverage(value));
  }

  #guard<T>(read: () => T): T {
    if (this.#closed) throw new Error('the database was closed');
    return aboutDatabase(this.#parts.location, hints[this.#parts.kind], read);
  }
}

const nothing: AdvisoryAnswer = { advisories: [], unreadable: [] };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function wrongSchema(location: string, found: number): AdvisoryError {
  return new AdvisoryError(
    'DATABASE_SCHEMA',
    `the database ${location} has schema version ${found}; this program reads version ${schemaVersion}`,
    { hint: found > schemaVersion ? 'use a newer tidewaiter' : 'get a current database' },
  );
}
