import { severities, severityRank, type Severity } from '../../findings/index.js';
import type { ManifestFinding, ManifestReport, ObjectName, PodSecurityReport } from '../analysis/manifest-report.js';

/** What speaks for or against manifests. */
export interface ManifestVerdict {
  readonly outcome: 'pass' | 'fail' | 'incomplete';
  /** Why it is no pass, each as one clause. */
  readonly reasons: readonly string[];
}

/** What makes manifests fail; nothing does that is not set. */
export interface ManifestGate {
  /** Any finding that is reported fails. */
  readonly anyFinding: boolean;
  /** Findings of this severity and worse fail. */
  readonly failOn?: Severity | undefined;
  /** Workloads below this Pod Security level fail. */
  readonly minLevel?: 'baseline' | 'restricted' | undefined;
  /** What could not be assessed does not count. */
  readonly allowIncomplete: boolean;
}

/** A report with its verdict, and with what the report itself does not know. */
export interface ManifestResult {
  readonly report: ManifestReport;
  readonly verdict: ManifestVerdict;
  /** Files in folders that hold no manifest. */
  readonly skippedFiles: number;
  readonly toolVersion: string;
}

const levels = ['privileged', 'baseline', 'restricted'] as const;

/** @param reported the report with those findings only that are to be shown. */
export function judgeManifests(report: ManifestReport, reported: ManifestReport, gate: ManifestGate): ManifestVerdict {
  const reasons: string[] = [];
  const { failOn, minLevel } = gate;
  if (failOn !== undefined) {
    const grave = report.findings.filter(({ severity }) => severityRank(severity) >= severityRank(failOn));
    if (grave.length > 0) reasons.push(`${counted(grave.length, 'finding')} of severity ${failOn} or worse`);
  } else if (gate.anyFinding && reported.findings.length > 0) {
    reasons.push(`${counted(reported.findings.length, 'finding')} (${severityCounts(reported.findings)})`);
  }
  if (minLevel !== undefined) {
    const below = report.podSecurity.filter(({ level }) => levels.indexOf(level) < levels.indexOf(minLevel));
    if (below.length > 0) reasons.push(`${counted(below.length, 'workload')} below Pod Security level ${minLevel}`);
  }
  if (reasons.length > 0) return { outcome: 'fail', reasons };
  const { unknowns } = report;
  if (unknowns.length === 0 || gate.allowIncomplete) return { outcome: 'pass', reasons };
  const codes = [...new Set(unknowns.map(({ code }) => code))].sort().join(', ');
  return { outcome: 'incomplete', reasons: [`${counted(unknowns.length, 'thing')} not assessed (${codes})`] };
}

/** The report with findings of some severities only. */
export function withSeverities(report: ManifestReport, wanted: readonly Severity[]): ManifestReport {
  if (severities.every((severity) => wanted.includes(severity))) return report;
  return {
    ...report,
    findings: report.findings.filter(({ severity }) => wanted.includes(severity)),
    suppressed: report.suppressed.filter(({ finding }) => wanted.includes(finding.severity)),
  };
}

/** `CRITICAL: 1, HIGH: 2`: from the worst; those that occur. */
export function severityCounts(findings: readonly Pick<ManifestFinding, 'severity'>[]): string {
  const counts = new Map<Severity, number>();
  for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return severities
    .toReversed()
    .flatMap((severity) => (counts.has(severity) ? [`${severity}: ${counts.get(severity)}`] : []))
    .join(', ');
}

/** `Deployment/web`, with the namespace where one is written. */
export function objectTitle({ kind, name, namespace }: ObjectName): string {
  const title = `${kind === '' ? 'object without a kind' : kind}/${name ?? '(no name)'}`;
  return namespace === undefined ? title : `${title} in ${namespace}`;
}

/** Two reports of one object, or findings of it, have the same. */
export function objectKey(of: Pick<PodSecurityReport, 'object' | 'place'>): string {
  const { object, place } = of;
  return JSON.stringify([place.file, place.document, object.apiVersion, object.kind, object.namespace, object.name]);
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
