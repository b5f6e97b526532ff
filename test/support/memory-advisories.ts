import { type DataSource, type Severity, severityOfRank, type VulnerabilityDetail } from '../../src/findings/index.js';
import type { Advisory, AdvisoryAnswer, AdvisoryIndex, UnreadableAdvisory } from '../../src/match/index.js';

/** An advisory without what its place tells; the text `'unreadable'` stands for a record that cannot be decoded. */
export type AdvisoryRecord = Partial<Omit<Advisory, 'vulnerabilityId' | 'bucket'>> | 'unreadable';

/** A database as literals. */
export interface MemoryDatabase {
  /** Bucket, package, vulnerability id. */
  readonly buckets?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, AdvisoryRecord>>>>>>;
  /** Severities may be given as the numbers that databases store. */
  readonly vulnerabilities?: Readonly<Record<string, MemoryVulnerability>>;
  readonly dataSources?: Readonly<Record<string, DataSource>>;
  /** Scope to reviewed names; a scope that is missing counts as reviewed as a whole. */
  readonly coverage?: Readonly<Record<string, readonly string[]>>;
}

export type MemoryVulnerability = Omit<VulnerabilityDetail, 'vendorSeverity'> & {
  readonly vendorSeverity?: Readonly<Record<string, Severity | number>>;
};

/** An advisory index over literals, which also counts the look-ups of advisories. */
export interface MemoryAdvisories extends AdvisoryIndex {
  /** `bucket / package`, in order. */
  readonly lookups: readonly string[];
}

export function memoryAdvisories(database: MemoryDatabase): MemoryAdvisories {
  const buckets = new Map(Object.entries(database.buckets ?? {}));
  const vulnerabilities = new Map(Object.entries(database.vulnerabilities ?? {}));
  const coverage = new Map(Object.entries(database.coverage ?? {}));
  const dataSources = new Map(Object.entries(database.dataSources ?? {}));
  const lookups: string[] = [];
  return {
    lookups,
    hasBucket: (bucket) => buckets.has(bucket),
    bucketsWithPrefix: (prefix) => [...buckets.keys()].filter((name) => name.startsWith(prefix)).sort(),
    advisories: (bucket, packageName) => {
      lookups.push(`${bucket} / ${packageName}`);
      const records = new Map(Object.entries(buckets.get(bucket) ?? {})).get(packageName) ?? {};
      return toAnswer(records, { bucket, packageName, dataSource: dataSources.get(bucket) });
    },
    vulnerability: (id) => toDetail(vulnerabilities.get(id)),
    reviewed: (scope, packageName) => coverage.get(scope)?.includes(packageName),
  };
}

function toAnswer(
  records: Readonly<Record<string, AdvisoryRecord>>,
  place: { readonly bucket: string; readonly packageName: string; readonly dataSource: DataSource | undefined },
): AdvisoryAnswer {
  const { bucket, packageName, dataSource } = place;
  const advisories: Advisory[] = [];
  const unreadable: UnreadableAdvisory[] = [];
  for (const [vulnerabilityId, record] of Object.entries(records)) {
    if (record === 'unreadable') unreadable.push({ bucket, packageName, vulnerabilityId, reason: 'not valid JSON' });
    else advisories.push({ dataSource, ...record, vulnerabilityId, bucket });
  }
  return { advisories, unreadable };
}

function toDetail(record: MemoryVulnerability | undefined): VulnerabilityDetail | undefined {
  if (!record) return undefined;
  const { vendorSeverity, ...rest } = record;
  if (!vendorSeverity) return rest;
  const named = Object.entries(vendorSeverity).map(([source, value]) => [
    source,
    typeof value === 'number' ? severityOfRank(value) : value,
  ]);
  return { ...rest, vendorSeverity: Object.fromEntries(named) as Record<string, Severity> };
}
