import { FormatError } from '../core/index.js';
import type { DataSource } from '../findings/index.js';
import { schemes, type SchemeId } from '../versions/index.js';
import type { SourceDetail } from './details.js';
import type { RecordSpool } from './record-spool.js';

/** What a feed says of one flaw in one package. */
export interface AdvisoryDraft {
  readonly vendorIds?: readonly string[] | undefined;
  readonly status?: number | undefined;
  readonly severity?: number | undefined;
  readonly fixedVersion?: string | undefined;
  readonly affectedVersion?: string | undefined;
  readonly vulnerableVersions?: readonly string[] | undefined;
  readonly patchedVersions?: readonly string[] | undefined;
  readonly unaffectedVersions?: readonly string[] | undefined;
}

export interface AdvisoryKey {
  readonly bucket: string;
  readonly packageName: string;
  readonly vulnerabilityId: string;
}

/**
 * Which record wins where two speak of the same flaw in the same package: by the higher or the lower fixed version in
 * the order of a scheme, or the later one. Lists are united, except that `lowest` keeps the winner's.
 */
export type Collision = { readonly keep: 'later' } | { readonly keep: 'highest' | 'lowest'; readonly scheme: SchemeId };

/** Key, value pairs and packages of one top-level bucket. Values are JSON texts. */
export interface BucketDraft {
  readonly pairs: Map<string, string>;
  readonly nested: Map<string, Map<string, string>>;
}

/** No name of a bucket, package or vulnerability is longer. */
const maxNameLength = 4096;

/** A database while feeds write into it. Details of vulnerabilities wait on disk, everything else in memory. */
export class DatabaseDraft {
  readonly buckets = new Map<string, BucketDraft>();
  readonly dataSources = new Map<string, DataSource>();
  /** Places of the details in the spool, by vulnerability id. */
  readonly details = new Map<string, number[]>();
  /** Vulnerability records that came ready-made. */
  readonly vulnerabilities = new Map<string, string>();
  readonly skipped = new Map<string, number>();
  readonly #spool: RecordSpool;
  readonly #reviewed = new Map<string, { readonly names: Set<string>; listed: boolean; whole: boolean }>();

  constructor(spool: RecordSpool) {
    this.#spool = spool;
  }

  /** A top-level bucket and the feed that fills it; it exists from now on, even if nothing is put into it. */
  bucket(name: string, dataSource?: DataSource): BucketDraft {
    if (dataSource && !this.dataSources.has(name)) this.dataSources.set(name, dataSource);
    let bucket = this.buckets.get(name);
    if (!bucket) this.buckets.set(checkName(name), (bucket = { pairs: new Map(), nested: new Map() }));
    return bucket;
  }

  /** @throws FormatError if a name is empty or too long. */
  advisory(key: AdvisoryKey, advisory: AdvisoryDraft, collision: Collision): void {
    const { nested } = this.bucket(key.bucket);
    let records = nested.get(key.packageName);
    if (!records) nested.set(checkName(key.packageName), (records = new Map()));
    const id = checkName(key.vulnerabilityId);
    const known = records.get(id);
    records.set(id, encodeDraft(known === undefined ? advisory : combine(decodeDraft(known), advisory, collision)));
  }

  /** A ready-made record, which replaces what was there. */
  put(bucket: string, packageName: string, key: string, json: string): void {
    const { nested } = this.bucket(bucket);
    let records = nested.get(packageName);
    if (!records) nested.set(checkName(packageName), (records = new Map()));
    records.set(checkName(key), json);
  }

  /** What one source says of a vulnerability in general. */
  detail(vulnerabilityId: string, detail: SourceDetail): void {
    const place = this.#spool.append(JSON.stringify(detail));
    const places = this.details.get(vulnerabilityId);
    if (places) places.push(place);
    else this.details.set(checkName(vulnerabilityId), [place]);
  }

  /** These packages of the scope were reviewed. `listed`: the source keeps a list of all that were. */
  reviewed(scope: string, names: Iterable<string>, options: { readonly listed: boolean }): void {
    const coverage = this.#coverage(scope);
    for (const name of names) coverage.names.add(name);
    if (options.listed) coverage.listed = true;
  }

  /** A source was read that speaks of every package of the scope. */
  whole(scope: string): void {
    this.#coverage(scope).whole = true;
  }

  /** The scopes whose reviewed packages must be named, because not all were. */
  listedScopes(): ReadonlyMap<string, ReadonlySet<string>> {
    const scopes = new Map<string, ReadonlySet<string>>();
    for (const [scope, coverage] of this.#reviewed) {
      if (coverage.listed && !coverage.whole) scopes.set(scope, coverage.names);
    }
    return scopes;
  }

  /** Counts records that have no place in this database, by the reason. */
  skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }

  #coverage(scope: string): { readonly names: Set<string>; listed: boolean; whole: boolean } {
    let coverage = this.#reviewed.get(scope);
    if (!coverage) this.#reviewed.set(scope, (coverage = { names: new Set(), listed: false, whole: false }));
    return coverage;
  }
}

function checkName(name: string): string {
  if (name === '') throw new FormatError('INVALID', 'an empty name of a bucket, package or vulnerability');
  if (name.length > maxNameLength) throw new FormatError('LIMIT_EXCEEDED', `a name of ${name.length} characters`);
  if (/[\ud800-\udfff]/.test(name) && new TextDecoder().decode(new TextEncoder().encode(name)) !== name) {
    throw new FormatError('INVALID', 'a name that is no valid Unicode text');
  }
  return name;
}

/** The members in alphabetical order, those without content left out. */
function encodeDraft(advisory: AdvisoryDraft): string {
  return JSON.stringify({
    AffectedVersion: advisory.affectedVersion || undefined,
    FixedVersion: advisory.fixedVersion || undefined,
    PatchedVersions: filled(advisory.patchedVersions),
    Severity: advisory.severity || undefined,
    Status: advisory.fixedVersion ? undefined : advisory.status || undefined,
    UnaffectedVersions: filled(advisory.unaffectedVersions),
    VendorIDs: filled(advisory.vendorIds),
    VulnerableVersions: filled(advisory.vulnerableVersions),
  });
}

interface StoredDraft {
  readonly AffectedVersion?: string;
  readonly FixedVersion?: string;
  readonly PatchedVersions?: readonly string[];
  readonly Severity?: number;
  readonly Status?: number;
  readonly UnaffectedVersions?: readonly string[];
  readonly VendorIDs?: readonly string[];
  readonly VulnerableVersions?: readonly string[];
}

/** Only ever given what `encodeDraft` or a ready-made record of the same form left. */
function decodeDraft(json: string): AdvisoryDraft {
  const stored = JSON.parse(json) as StoredDraft;
  return {
    affectedVersion: stored.AffectedVersion,
    fixedVersion: stored.FixedVersion,
    patchedVersions: stored.PatchedVersions,
    severity: stored.Severity,
    status: stored.Status,
    unaffectedVersions: stored.UnaffectedVersions,
    vendorIds: stored.VendorIDs,
    vulnerableVersions: stored.VulnerableVersions,
  };
}

function combine(earlier: AdvisoryDraft, later: AdvisoryDraft, collision: Collision): AdvisoryDraft {
  const order = compareFixed(earlier, later, collision);
  if (collision.keep === 'lowest' && order !== 0) return order < 0 ? earlier : later;
  const winner = order > 0 ? earlier : later;
  return {
    fixedVersion: winner.fixedVersion ?? earlier.fixedVersion ?? later.fixedVersion,
    affectedVersion: winner.affectedVersion ?? earlier.affectedVersion,
    severity: later.severity ?? earlier.severity,
    status: later.status ?? earlier.status,
    vendorIds: united(earlier.vendorIds, later.vendorIds),
    vulnerableVersions: united(earlier.vulnerableVersions, later.vulnerableVersions),
    patchedVersions: united(earlier.patchedVersions, later.patchedVersions),
    unaffectedVersions: united(earlier.unaffectedVersions, later.unaffectedVersions),
  };
}

/** The order of the two fixed versions; 0 where there is nothing to compare or they cannot be compared. */
function compareFixed(a: AdvisoryDraft, b: AdvisoryDraft, collision: Collision): number {
  if (collision.keep === 'later' || a.fixedVersion === undefined || b.fixedVersion === undefined) return 0;
  const scheme = schemes[collision.scheme];
  if (!scheme.isValid(a.fixedVersion) || !scheme.isValid(b.fixedVersion)) return 0;
  return scheme.compare(a.fixedVersion, b.fixedVersion);
}

function united(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  return [...new Set([...a, ...b])];
}

function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
