import {
  compareFindings,
  compareText,
  type Finding,
  type FindingStatus,
  type Severity,
  type SuppressedFinding,
} from '../findings/index.js';
import { exceptionFinder, type Exceptions } from './exceptions.js';

export interface FilterOptions {
  /** Severities to keep; absent: all. */
  readonly severities?: readonly Severity[] | undefined;
  /** Keep only what has a fix. Without effect where `ignoreStatuses` names any. */
  readonly ignoreUnfixed?: boolean | undefined;
  readonly ignoreStatuses?: readonly FindingStatus[] | undefined;
  readonly exceptions?: Exceptions | undefined;
  readonly now: Date;
  /** Target of the result that the findings belong to. */
  readonly target: string;
  /** PURL of a finding's package, where it has one; asked only when an exception needs it. */
  readonly purlOf?: ((finding: Finding) => string | undefined) | undefined;
}

export interface FilteredFindings {
  /** Without duplicates, in the order in which reports print them. */
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/**
 * What a result reports of its findings: severity and status leave out, exceptions suppress, then duplicates go (of
 * the same vulnerability in the same package the one whose fixed version is the greater text stays), then they are sorted.
 */
export function applyFilters(findings: readonly Finding[], options: FilterOptions): FilteredFindings {
  const wanted = findings.filter((finding) => isWanted(finding, options));
  const suppressed: SuppressedFinding[] = [];
  const kept = options.exceptions ? takeAway(wanted, options.exceptions, options, suppressed) : wanted;
  return {
    findings: [...withoutDuplicates(kept)].sort(compareFindings),
    suppressed: suppressed.sort((a, b) => compareFindings(a.finding, b.finding)),
  };
}

function isWanted(finding: Finding, { severities, ignoreStatuses = [], ignoreUnfixed }: FilterOptions): boolean {
  if (severities && !severities.includes(finding.severity)) return false;
  if (ignoreStatuses.length > 0) return !ignoreStatuses.includes(finding.status);
  return !ignoreUnfixed || finding.status === 'fixed';
}

function takeAway(
  findings: readonly Finding[],
  exceptions: Exceptions,
  options: FilterOptions,
  suppressed: SuppressedFinding[],
): readonly Finding[] {
  const needsPurl = exceptions.entries.some((entry) => entry.purls.length > 0);
  const find = exceptionFinder(exceptions, options.now);
  return findings.filter((finding) => {
    const purl = needsPurl ? options.purlOf?.(finding) : undefined;
    const taken = find({ finding, target: options.target, purl });
    if (taken) suppressed.push(taken);
    return !taken;
  });
}

function withoutDuplicates(findings: readonly Finding[]): Iterable<Finding> {
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    const { vulnerabilityId, packageId, packageName, installedVersion, packagePath = '' } = finding;
    const key = JSON.stringify([vulnerabilityId, packageId, packageName, installedVersion, packagePath]);
    const other = unique.get(key);
    if (!other || compareText(other.fixedVersion, finding.fixedVersion) < 0) unique.set(key, finding);
  }
  return unique.values();
}
