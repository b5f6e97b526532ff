import type { Severity } from './severity.js';

/** In the order of the numbers that vulnerability databases store. */
export const statuses = [
  'unknown',
  'not_affected',
  'affected',
  'fixed',
  'under_investigation',
  'will_not_fix',
  'fix_deferred',
  'end_of_life',
] as const;
export type FindingStatus = (typeof statuses)[number];

/** The feed that a record came from. */
export interface DataSource {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly baseId?: string | undefined;
}

/** One source's CVSS vectors and base scores; a member is absent where the source gives none. */
export interface Cvss {
  readonly v2Vector?: string | undefined;
  readonly v3Vector?: string | undefined;
  readonly v40Vector?: string | undefined;
  readonly v2Score?: number | undefined;
  readonly v3Score?: number | undefined;
  readonly v40Score?: number | undefined;
}

/** What is known of a vulnerability whatever package has it. */
export interface VulnerabilityDetail {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** The record's own single severity, kept by old databases beside `vendorSeverity`. */
  readonly severity?: Severity | undefined;
  readonly cweIds?: readonly string[] | undefined;
  /** Source id to severity. */
  readonly vendorSeverity?: Readonly<Record<string, Severity>> | undefined;
  /** Source id to CVSS. */
  readonly cvss?: Readonly<Record<string, Cvss>> | undefined;
  readonly references?: readonly string[] | undefined;
  /** RFC 3339, as stored. */
  readonly publishedDate?: string | undefined;
  readonly lastModifiedDate?: string | undefined;
}

/** One vulnerability of one package. Complete in itself: writers need nothing else but the package's place. */
export interface Finding {
  readonly vulnerabilityId: string;
  readonly vendorIds?: readonly string[] | undefined;
  /** Id, name and file of the package; with `installedVersion` they name it inside its result. */
  readonly packageId: string;
  readonly packageName: string;
  readonly packagePath?: string | undefined;
  readonly installedVersion: string;
  /** Empty while there is no fix; several are joined by `, `. */
  readonly fixedVersion: string;
  readonly status: FindingStatus;
  readonly severity: Severity;
  /** Source id of `severity`; absent when it came from no named source. */
  readonly severitySource?: string | undefined;
  readonly primaryUrl?: string | undefined;
  readonly dataSource?: DataSource | undefined;
  readonly detail?: VulnerabilityDetail | undefined;
  /** An opaque JSON value of the advisory. */
  readonly custom?: unknown;
  readonly match: MatchReason;
}

/** Why a package was matched: enough to repeat the decision by hand. */
export interface MatchReason {
  /** Bucket of the database. */
  readonly bucket: string;
  /** The name that was looked up: the source package's for most distributions. */
  readonly lookedUp: string;
  /** The version that was compared. */
  readonly compared: string;
  /** The range that holds it, as the advisory says: `< 1.1.1d-r0`, or `no fixed version`. */
  readonly range: string;
}

/** A finding that an exception took away; never dropped, so that a report can show it. */
export interface SuppressedFinding {
  readonly finding: Finding;
  readonly status: 'ignored' | 'not_affected' | 'fixed';
  /** The exception's own words. */
  readonly statement?: string | undefined;
  /** The file or statement that took it away. */
  readonly source: string;
}
