import type { Severity } from '../findings/index.js';
import { describeFindings, type Verdict } from '../screening/index.js';
import { clipText, plainLine } from './plain-text.js';
import type { CoverageReport, DatabaseInfo, ImageReport, OperatingSystemReport, ScanReport } from './scan-report.js';

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
    ...report.images.filter(hasSystemPackages).flatMap((image) => endOfLifeNotice(image.operatingSystem) ?? []),
    ...report.notices,
  ];
  return {
    resultLine: clipText(plainLine(resultLine(report, options.severities)), maxLineLength),
    notices: [...new Set(notices)].map((notice) => clipText(plainLine(notice), maxLineLength)),
  };
}

/** The end of life matters to those who asked for packages of the distribution. */
function hasSystemPackages({ results }: ImageReport): boolean {
  return results.some((result) => result.class === 'os-pkgs');
}

/** Which database it was, how old, and how much of the image it knows; with the starter database, how to get a full one. */
export function databaseNotices(
  database: DatabaseInfo | undefined,
  coverage: readonly CoverageReport[],
  now: Date,
): readonly string[] {
  if (!database) return [];
  const age = ageInDays(database.updatedAt, now);
  const updated = age === undefined ? undefined : database.updatedAt?.slice(0, 10);
  const coverageWords = coverageClause(coverage);
  if (database.kind === 'starter') {
    return [
      `database: the starter database inside the package${updated ? `, its table of ${updated}` : ''}${coverageWords}`,
      'the starter database knows a few releases and packages only; fetch a full one with `tidewaiter db update`, or install one with `tidewaiter db import FILE`',
    ];
  }
  const ageWords =
    age === undefined ? 'its age is not known' : `updated ${updated} (${age === 0 ? 'today' : `${days(age)} ago`})`;
  const line = `database: ${database.location}, ${ageWords}${coverageWords}`;
  if (age === undefined || !isStale(database, age, now)) return [line];
  return [
    line,
    `the database is ${days(age)} old: what was published since is missing; fetch a newer one with \`tidewaiter db update\``,
  ];
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

/** Some days past the one on which a newer one was due, or a week old where none was named (year 1 names none). */
function isStale(database: DatabaseInfo, age: number, now: Date): boolean {
  const due = Date.parse(database.nextUpdate ?? '');
  return due > 0 ? due + 3 * dayMs < now.getTime() : age > 7;
}

function ageInDays(updatedAt: string | undefined, now: Date): number | undefined {
  const updated = Date.parse(updatedAt ?? '');
  return Number.isNaN(updated) ? undefined : Math.max(0, Math.floor((now.getTime() - updated) / dayMs));
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
