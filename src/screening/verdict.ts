import type { OperatingSystem } from '../ecosystems/index.js';
import { severities, type Finding, type Severity, type Unknown, type UnknownCode } from '../findings/index.js';

/** Is it fit to ship? */
export interface Verdict {
  /** `incomplete`: nothing speaks against it, but not everything that was asked for could be assessed. */
  readonly outcome: 'pass' | 'fail' | 'incomplete';
  /** One clause a cause, worst first; empty for a plain pass. */
  readonly reasons: readonly string[];
}

/** What is judged: what is left after all filters, and what could not be assessed. */
export interface VerdictSubject {
  readonly results: readonly { readonly findings: readonly Finding[] }[];
  readonly unknowns: readonly Unknown[];
  readonly operatingSystem?: (OperatingSystem & { readonly endOfLife: boolean }) | undefined;
}

export interface VerdictOptions {
  /** Any finding that is left fails (`--exit-code`). */
  readonly failOnFindings?: boolean | undefined;
  /** An operating system past its end of life fails (`--exit-on-eol`). */
  readonly failOnEndOfLife?: boolean | undefined;
  /** What could not be assessed is reported, and does not count. */
  readonly allowIncomplete?: boolean | undefined;
  /** The severities that were asked for; only to say so. */
  readonly severities?: readonly Severity[] | undefined;
}

/** Reasons in one verdict, the one that counts the others included. */
export const maxReasons = 8;

/** Pass, fail or incomplete, with every reason; a failure beats what is incomplete. */
export function judge(subject: VerdictSubject, options: VerdictOptions = {}): Verdict {
  const failures = failuresOf(subject, options);
  const gaps = options.allowIncomplete ? [] : gapsOf(subject.unknowns);
  const outcome = failures.length > 0 ? 'fail' : gaps.length > 0 ? 'incomplete' : 'pass';
  return { outcome, reasons: bounded([...failures, ...gaps]) };
}

/** One verdict over several: the worst outcome, and the reasons of all, the worst ones' first. Nothing judged passes. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  const rank = { fail: 0, incomplete: 1, pass: 2 } as const;
  const sorted = [...verdicts].sort((a, b) => rank[a.outcome] - rank[b.outcome]);
  return { outcome: sorted[0]?.outcome ?? 'pass', reasons: bounded(sorted.flatMap((verdict) => verdict.reasons)) };
}

/** `3 findings at or above HIGH`: a number of findings, and of which severities where not all were asked for. */
export function describeFindings(count: number, asked: readonly Severity[] = severities): string {
  const noun = count === 1 ? '1 finding' : `${count} findings`;
  const wanted = severities.filter((severity) => asked.includes(severity));
  const [lowest] = wanted;
  if (lowest === undefined || wanted.length === severities.length) return noun;
  const upwards = severities.slice(severities.indexOf(lowest));
  if (wanted.length === 1 || wanted.length !== upwards.length) return `${noun} of severity ${wanted.join(' or ')}`;
  return `${noun} at or above ${lowest}`;
}

function failuresOf(subject: VerdictSubject, options: VerdictOptions): readonly string[] {
  const failures: string[] = [];
  const { operatingSystem: system } = subject;
  if (options.failOnEndOfLife && system?.endOfLife) {
    failures.push(`${[system.family, system.name].filter(Boolean).join(' ')} is past its end of life`);
  }
  const count = subject.results.reduce((sum, result) => sum + result.findings.length, 0);
  if (options.failOnFindings && count > 0) failures.push(describeFindings(count, options.severities));
  return failures;
}

/** Those that leave the most in the dark first. */
const gravity: readonly UnknownCode[] = [
  'ATTESTATION_ONLY',
  'PLATFORM_UNREADABLE',
  'PACKAGE_DATABASE_UNSUPPORTED',
  'PACKAGE_DATABASE_CORRUPT',
  'PACKAGE_DATABASE_MISSING',
  'UNSUPPORTED_OS',
  'NO_ADVISORIES_FOR_RELEASE',
  'NO_OS',
  'NO_PACKAGES',
  'PACKAGES_UNSUPPORTED',
  'NO_ADVISORIES_FOR_ECOSYSTEM',
  'OUTSIDE_COVERAGE',
];

/** One clause a kind of unknown: the first one's sentence, and how many more there are. */
function gapsOf(unknowns: readonly Unknown[]): readonly string[] {
  const byCode = new Map<UnknownCode, { readonly first: Unknown; count: number }>();
  for (const unknown of unknowns) {
    const group = byCode.get(unknown.code);
    if (group) group.count++;
    else byCode.set(unknown.code, { first: unknown, count: 1 });
  }
  return [...byCode.entries()]
    .sort(([a], [b]) => gravityRank(a) - gravityRank(b))
    .map(([, { first, count }]) =>
      count === 1 ? clauseOf(first) : `${clauseOf(first)} (and ${count - 1} more like it)`,
    );
}

function gravityRank(code: UnknownCode): number {
  const at = gravity.indexOf(code);
  return at < 0 ? gravity.length : at;
}

function clauseOf(unknown: Unknown): string {
  const clause = unknown.reason.trim().replace(/\.$/, '');
  return clause.includes(unknown.subject) ? clause : `${unknown.subject}: ${clause}`;
}

function bounded(reasons: readonly string[]): readonly string[] {
  const unique = [...new Set(reasons)];
  if (unique.length <= maxReasons) return unique;
  return [...unique.slice(0, maxReasons - 1), `${unique.length - maxReasons + 1} more reasons`];
}
