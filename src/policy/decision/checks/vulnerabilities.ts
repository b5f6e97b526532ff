import { durationWords } from '../../document/duration.js';
import { compareText, severities, severityRank, type Severity } from '../../../findings/index.js';
import { plain } from '../../document/quote.js';
import { fitsAnyWildcard } from '../../document/wildcard.js';
import type { CheckOf, CheckResult, ScanResultCheck, WaivedFinding } from '../rule-check.js';
import type { FindingFact, ScanFacts, UnknownFact } from '../subject.js';

const shownFindings = 3;
const shownFixes = 5;
const dayMs = 24 * 3_600_000;

/** Which known vulnerabilities an image may not have. What could not be assessed is told apart from what is not there. */
export const vulnerabilities = {
  id: 'vulnerabilities',
  over: 'scan',
  needs: ['scan'],
  words(check) {
    const names =
      check.packages === undefined ? '' : `, in the packages ${check.packages.map((one) => plain(one)).join(', ')}`;
    const ids = check.ids === undefined ? '' : `, named ${check.ids.map((one) => plain(one)).join(', ')}`;
    const from =
      check.graceFrom === 'firstSeen' ? 'it was first seen in an image of that repository' : 'it was published';
    const grace = check.graceMs === 0 ? '' : `; each counts ${durationWords(check.graceMs)} after ${from}`;
    return `images have no known vulnerability${ofKind(check)}${names}${ids}${grace}`;
  },
  judge(check, { facts, now, waive }) {
    const counting: FindingFact[] = [];
    const waived: WaivedFinding[] = [];
    for (const finding of facts.findings) {
      if (!counts(check, finding)) continue;
      const taken = waive(finding) ?? graceOf(check, finding, now);
      if (taken) waived.push(taken);
      else counting.push(finding);
    }
    counting.sort(compareFindingFacts);
    waived.sort((a, b) => compareFindingFacts(a.finding, b.finding));
    return {
      broken: brokenBy(check, counting),
      gaps: [...facts.unknowns, ...narrowedBy(check, facts.narrowing)],
      waived,
    };
  },
} as const satisfies ScanResultCheck<'vulnerabilities'>;

/** What counts for the rule and was not asked for when the findings were gathered. */
function narrowedBy(check: CheckOf<'vulnerabilities'>, narrowing: ScanFacts['narrowing']): readonly UnknownFact[] {
  const { severities: told = severities, withoutStatuses = [], options = [] } = narrowing ?? {};
  const missing = (check.severities ?? severities).filter((severity) => !told.includes(severity));
  const hidden = withoutStatuses.filter(
    (status) => check.fixable === undefined || (status === 'fixed') === check.fixable,
  );
  const causes = [
    ...(missing.length > 0 ? [`no severity ${missing.join(', ')}`] : []),
    ...(hidden.length > 0 ? [`nothing of status ${hidden.join(', ')}`] : []),
    ...options,
  ];
  if (causes.length === 0) return [];
  const reason = `the report leaves out part of what the rule asks for (${plain(causes.join('; '))})`;
  return [{ code: 'REPORT_NARROWED', subject: '', reason }];
}

/** The worst first, then package and identifier. */
export function compareFindingFacts(a: FindingFact, b: FindingFact): number {
  return (
    severityRank(b.severity) - severityRank(a.severity) ||
    compareText(a.packageName, b.packageName) ||
    compareText(a.vulnerabilityId, b.vulnerabilityId) ||
    compareText(a.installedVersion, b.installedVersion)
  );
}

function counts(check: CheckOf<'vulnerabilities'>, finding: FindingFact): boolean {
  const { severities: wanted, minCvss, fixable, packages, ids } = check;
  if (wanted && !wanted.includes(finding.severity)) return false;
  if (minCvss !== undefined && (finding.cvss ?? highestScore[finding.severity]) < minCvss) return false;
  if (fixable !== undefined && fixable !== (finding.fixedVersion !== '')) return false;
  if (packages && !fitsAnyWildcard(packages, finding.packageName)) return false;
  return !ids || fitsAnyWildcard(ids, finding.vulnerabilityId);
}

/** What nobody scored may be as bad as its severity allows. */
const highestScore: Readonly<Record<Severity, number>> = {
  UNKNOWN: 10,
  LOW: 3.9,
  MEDIUM: 6.9,
  HIGH: 8.9,
  CRITICAL: 10,
};

function graceOf(check: CheckOf<'vulnerabilities'>, finding: FindingFact, now: Date): WaivedFinding | undefined {
  if (check.graceMs === 0) return undefined;
  const from = Date.parse((check.graceFrom === 'firstSeen' ? finding.firstSeenAt : finding.publishedAt) ?? '');
  // A date that lies ahead would be a grace without end.
  if (Number.isNaN(from) || from > now.getTime() + dayMs) return undefined;
  const until = new Date(from + check.graceMs);
  return until.getTime() > now.getTime() ? { finding, by: { kind: 'grace' }, until } : undefined;
}

function brokenBy(check: CheckOf<'vulnerabilities'>, findings: readonly FindingFact[]): CheckResult['broken'] {
  if (findings.length === 0) return undefined;
  const noun = findings.length === 1 ? 'vulnerability' : 'vulnerabilities';
  const shown = findings.slice(0, shownFindings).map((finding) => {
    const { vulnerabilityId, packageName, installedVersion, severity } = finding;
    return plain(`${vulnerabilityId} (${severity}) in ${packageName} ${installedVersion}`);
  });
  const more = findings.length - shown.length;
  const list = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return { message: `${findings.length} ${noun}${ofKind(check)}: ${list}`, fix: fixOf(findings), findings };
}

function ofKind({ severities: wanted, fixable, minCvss }: CheckOf<'vulnerabilities'>): string {
  const words: string[] = [];
  if (wanted && wanted.length < severities.length) {
    const [lowest] = wanted;
    const isUpwards = lowest !== undefined && wanted.length === severities.length - severities.indexOf(lowest);
    words.push(
      isUpwards && wanted.length > 1 ? `of severity ${lowest} or above` : `of severity ${wanted.join(' or ')}`,
    );
  }
  if (minCvss !== undefined) words.push(`with a CVSS score of ${minCvss} or more`);
  if (fixable !== undefined) words.push(fixable ? 'that a newer version fixes' : 'without a fix');
  return words.length === 0 ? '' : ` ${words.join(' ')}`;
}

function fixOf(findings: readonly FindingFact[]): string {
  const updates = new Map<string, string>();
  let unfixed = 0;
  for (const { packageName, fixedVersion } of findings) {
    if (fixedVersion === '') unfixed++;
    else updates.set(packageName, laterVersion(updates.get(packageName), fixedVersion));
  }
  const shown = [...updates].slice(0, shownFixes).map(([name, version]) => plain(`${name} to ${version}`));
  const more = updates.size - shown.length;
  const update = shown.length === 0 ? '' : `update ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  if (unfixed === 0) return update;
  const rest = 'choose another base image, or accept it for a time with an exception';
  const words = unfixed === findings.length ? `there is no fix yet: ${rest}` : `for ${unfixed} without a fix ${rest}`;
  return update === '' ? words : `${update}; ${words}`;
}

/** Of two fixed versions the one to advise. Words for people: what counts was compared by the package's own scheme. */
function laterVersion(known: string | undefined, version: string): string {
  if (known === undefined) return version;
  const [left, right] = [partsOf(known), partsOf(version)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a = '', b = ''] = [left[at], right[at]];
    if (a === b) continue;
    const isNumber = /^\d/.test(a) && /^\d/.test(b);
    return (isNumber ? a.length - b.length || compareText(a, b) : compareText(a, b)) > 0 ? known : version;
  }
  return known;
}

/** Runs of digits, without leading zeros, and what stands between them. */
function partsOf(version: string): readonly string[] {
  return (version.match(/\d+|\D+/g) ?? []).map((part) => part.replace(/^0+(?=\d)/, ''));
}
