import type { Cvss, Finding } from '../findings/index.js';
import type { FindingFact, ScanFacts } from '../policy/index.js';
import type { ScanReport } from '../report/index.js';

/** What a report says to a policy: findings of all platforms, each once, and all that could not be assessed. */
export function scanFactsOf(report: ScanReport): ScanFacts {
  const findings = new Map<string, FindingFact>();
  for (const finding of report.images.flatMap(({ results }) => results.flatMap((result) => result.findings))) {
    const fact = factOf(finding);
    findings.set(JSON.stringify([fact.vulnerabilityId, fact.packageName, fact.installedVersion]), fact);
  }
  return {
    digest: report.images.find(({ manifestDigest }) => manifestDigest !== undefined)?.manifestDigest,
    scannedAt: report.createdAt,
    databaseUpdatedAt: report.database?.updatedAt,
    findings: [...findings.values()],
    unknowns: report.images.flatMap(({ unknowns }) =>
      unknowns.map(({ code, subject, reason }) => ({ code, subject, reason })),
    ),
  };
}

function factOf({
  vulnerabilityId,
  packageName,
  installedVersion,
  fixedVersion,
  severity,
  detail,
}: Finding): FindingFact {
  return {
    vulnerabilityId,
    packageName,
    installedVersion,
    fixedVersion,
    severity,
    cvss: highestScore(detail?.cvss),
    publishedAt: detail?.publishedDate,
  };
}

function highestScore(sources: Readonly<Record<string, Cvss>> = {}): number | undefined {
  const scores = Object.values(sources).flatMap(({ v2Score, v3Score, v40Score }) =>
    [v2Score, v3Score, v40Score].filter((score) => score !== undefined),
  );
  return scores.length === 0 ? undefined : Math.max(...scores);
}
