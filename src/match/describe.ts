import { type Finding, type FindingStatus, statuses } from '../findings/index.js';
import type { Advisory, AdvisoryIndex } from './advisory.js';
import type { MatchOptions } from './match-result.js';
import { primaryUrlOf } from './primary-url.js';
import { assessSeverity } from './severity.js';

/** A finding without its package: the same for every binary that shares a match key. */
export type Hit = Omit<Finding, 'packageId' | 'packageName' | 'packagePath' | 'installedVersion'>;

/** What of an advisory counts in its scope. */
export interface DescribeRules {
  readonly hasStatus: boolean;
  readonly hasVendorIds: boolean;
  /** Source id that the advisory's own severity is reported under; absent: such a severity does not count. */
  readonly severitySource?: string | undefined;
}

/** Everything a report says of an advisory that was found to hold. */
export function describeHit(
  index: AdvisoryIndex,
  advisory: Advisory,
  facts: Pick<Hit, 'fixedVersion' | 'match'> & { readonly rules: DescribeRules; readonly options: MatchOptions },
): Hit {
  const { fixedVersion, match, rules, options } = facts;
  const detail = index.vulnerability(advisory.vulnerabilityId);
  return {
    vulnerabilityId: advisory.vulnerabilityId,
    vendorIds: rules.hasVendorIds && advisory.vendorIds?.length ? advisory.vendorIds : undefined,
    fixedVersion,
    status: statusOf(fixedVersion, rules.hasStatus ? advisory.status : undefined),
    ...assessSeverity(advisory, detail, {
      packageSource: rules.severitySource,
      severitySources: options.severitySources,
    }),
    primaryUrl: detail && primaryUrlOf(advisory.vulnerabilityId, detail.references, advisory.dataSource?.id),
    dataSource: advisory.dataSource,
    custom: advisory.custom,
    match,
  };
}

function statusOf(fixedVersion: string, stored: number | undefined): FindingStatus {
  if (fixedVersion !== '') return 'fixed';
  return stored ? (statuses[stored] ?? 'unknown') : 'affected';
}
