import type { Severity } from '../findings/index.js';
import { describeFindings, type Verdict } from '../policy/index.js';
import { clipText, plainLine } from './plain-text.js';
import type { CoverageReport, DatabaseInfo, OperatingSystemReport, ScanReport } from './scan-report.js';

/** The words that go with a report, each safe for a terminal and one line without its end. */
export interface ReportWords {
  /** `result: pass`, `result: fail: 3 findings at or above HIGH`, `result: incomplete: ...`: the last line of a run. */
  readonly resultLine: string;
  /** What the reader should know before: the database and its age, end of life, whatever the scan noticed. */
  readonly notices: readonly string[];
}

const dayMs = 24 * 60 * 60 * 1000;
const maxLineLength = 600;
const maxReasonsInLine = 3;

/** The last line of a run, and what to say before it. */
export function summarize(
  report: ScanReport,
  options: { readonly now: Date; readonly severities?: readonly Severity[] | undefined },
): ReportWords {
  const coverage = report.images.flatMap((image) => image.coverage);
  const notices = [
    ...databaseNotices(report.database, coverage, options.now),
    ...report.images.flatMap((image) => endOfLifeNotice(image.operatingSystem) ?? []),
    ...report.notices,
  ];
  return {
    resultLine: clipText(plainLine(resultLine(report, options.severities)), maxLineLength),
    notices: [...new Set(notices)].map((notice) => clipText(plainLine(notice), maxLineLength)),
  };
}

/** Which database it was, how old, and how much of the image it knows; with the starter database, how to get a full one. */
export function databaseNotices(
  database: DatabaseInfo | undefined,
  coverage: readonly CoverageReport[],
  now: Date,
): readonly string[] {
  if (!database) return [];
  const updated = database.updatedAt?.slice(0, 10);
  const age = ageInDays(database.updatedAt, now);
  if (database.kind === 'starter') {
    return [
      `database: the starter database inside the package${updated ? `, facts of ${updated}` : ''}${coverageClause(coverage)}`,
      'the starter database knows a few releases and packages only; install a full one with `tidewaiter db build` or `tidewaiter db import FILE`',
    ];
  }
  const line = `database: ${database.location}${updated ? `, updated ${updated}${age === undefined ? '' : ` (${days(age)} ago)`}` : ', its age is not known'}${coverageClause(coverage)}`;
  return isStale(database, now) && age !== undefined
    ? [line, `the database is ${days(age)} old: what was published since is missing; import or build a newer one`]
    : [line];
}

/** A sentence about a release that is past its end of life; `undefined` while it is supported, or nobody knows. */
export function endOfLifeNotice(system: OperatingSystemReport | undefined): string | undefined {
  if (!system?.endOfLife) return undefined;
  const since = system.endOfLifeDate ? ` since ${system.endOfLifeDate.slice(0, 10)}` : '';
  const name = [system.family, system.name].filter((part) => part !== '').join(' ');
  return `${name} is past its end of life${since}: newer vulnerabilities may have no advisory and get no fix`;
}

function resultLine(report: ScanReport, asked: readonly Severity[] | undefined): string {
  const { outcome, reasons } = report.verdict;
  const findings = report.images
    .flatMap((image) => image.results)
    .reduce((sum, result) => sum + result.findings.length, 0);
  const count = findings === 0 ? 'no findings' : describeFindings(findings, asked);
  if (outcome === 'fail') return `result: fail: ${joined(reasons)}`;
  if (outcome === 'incomplete') return `result: incomplete: ${joined(reasons)} (${count} in what was assessed)`;
  const unknowns = report.images.reduce((sum, image) => sum + image.unknowns.length, 0);
  const gaps = unknowns === 0 ? '' : `, ${unknowns} not assessed (accepted)`;
  return `result: pass: ${count}${gaps}`;
}

function joined(reasons: Verdict['reasons']): string {
  const shown = reasons.slice(0, maxReasonsInLine).map((reason) => clipText(reason, 200));
  const more = reasons.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ') || 'see the report';
}

function coverageClause(coverage: readonly CoverageReport[]): string {
  const packages = coverage.reduce((sum, scope) => sum + scope.packages, 0);
  const reviewed = coverage.reduce((sum, scope) => sum + scope.reviewed, 0);
  return packages === 0 ? '' : `; it covers ${reviewed} of ${packages} packages`;
}

/** Past the day on which the next one was due, or a week old where none was named. */
function isStale(database: DatabaseInfo, now: Date): boolean {
  const due = Date.parse(database.nextUpdate ?? '');
  if (!Number.isNaN(due)) return due + 3 * dayMs < now.getTime();
  return (ageInDays(database.updatedAt, now) ?? 0) > 7;
}

function ageInDays(updatedAt: string | undefined, now: Date): number | undefined {
  const updated = Date.parse(updatedAt ?? '');
  return Number.isNaN(updated) ? undefined : Math.max(0, Math.floor((now.getTime() - updated) / dayMs));
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
