import type { DataSource, VulnerabilityDetail } from '../findings/index.js';

/** One advisory of one package, as stored; ranges and versions are texts in the ecosystem's own syntax. */
export interface Advisory {
  readonly vulnerabilityId: string;
  readonly vendorIds?: readonly string[] | undefined;
  /** Only meaningful without a fixed version: index into `statuses`. */
  readonly status?: number | undefined;
  /** Severity of this flaw in this very package, 1-4; 0 or absent: none given. */
  readonly severity?: number | undefined;
  readonly fixedVersion?: string | undefined;
  readonly affectedVersion?: string | undefined;
  readonly vulnerableVersions?: readonly string[] | undefined;
  readonly patchedVersions?: readonly string[] | undefined;
  readonly unaffectedVersions?: readonly string[] | undefined;
  readonly arches?: readonly string[] | undefined;
  readonly entries?: readonly Advisory[] | undefined;
  readonly custom?: unknown;
  /** The bucket it stands in, and the feed of that bucket. */
  readonly bucket: string;
  readonly dataSource?: DataSource | undefined;
}

/** A record that could not be decoded: reported as not assessed, never skipped in silence. */
export interface UnreadableAdvisory {
  readonly bucket: string;
  readonly packageName: string;
  readonly vulnerabilityId: string;
  readonly reason: string;
}

export interface AdvisoryAnswer {
  readonly advisories: readonly Advisory[];
  readonly unreadable: readonly UnreadableAdvisory[];
}

/**
 * What matching asks of a database. Pure to the caller: the same question has the same answer for the life of the
 * object. A database that turns out to be corrupt throws `AdvisoryError('DATABASE_CORRUPT')`.
 */
export interface AdvisoryIndex {
  /** Does the top-level bucket exist (`alpine 3.11`)? Without it nothing of that release was reviewed. */
  hasBucket(bucket: string): boolean;
  /** Names of the top-level buckets that start with the prefix (`npm::`), in byte order. */
  bucketsWithPrefix(prefix: string): readonly string[];
  /** All advisories of one package in one bucket. */
  advisories(bucket: string, packageName: string): AdvisoryAnswer;
  /** Details of one vulnerability; absent when the database has none or its record cannot be decoded. */
  vulnerability(id: string): VulnerabilityDetail | undefined;
  /**
   * Was this package reviewed when the bucket was made? `undefined`: the database keeps no list, so the whole bucket
   * counts as reviewed. `scope` is a bucket for distributions and an ecosystem prefix (`npm::`) for languages.
   */
  reviewed(scope: string, packageName: string): boolean | undefined;
}
