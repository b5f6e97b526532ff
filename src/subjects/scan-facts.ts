import type { Cvss, Finding } from '../findings/index.js';
import type { FindingFact, ScanFacts } from '../policy/index.js';
import type { ScanReport } from '../report/index.js';

/**
 * What a policy needs of a report, over all its platforms. What an ignore file took away counts: the exceptions of a
 * policy have a reason, an owner and an end, and hold wherever the policy does.
 */
export function scanFactsOf(report: ScanReport): ScanFacts {
  const results = report.images.flatMap((image) => image.results);
  const findings = results.flatMap((result) => [
    ...result.findings,
    ...result.suppressed.flatMap(({ status, finding }) => (status === 'ignored' ? [finding] : [])),
  ]);
  return {
    digest: digestOf(report),
    scannedAt: report.createdAt,
    databaseUpdatedAt: report.database?.updatedAt,
    findings: distinctFindings(findings.map(factOf)),
    unknowns: report.images.flatMap((image) => image.unknowns),
    // Whoever asks for a scan says which part of the image it is about; which findings count is for the policy to say.
    narrowing: report.narrowing && {
      severities: report.narrowing.severities,
      withoutStatuses: report.narrowing.withoutStatuses,
    },
  };
}

/** Each vulnerability of a package once, whatever the platforms and files it was found in. */
export function distinctFindings(findings: readonly FindingFact[]): readonly FindingFact[] {
  const unique = new Map<string, FindingFact>();
  for (const finding of findings) {
    const { vulnerabilityId, packageName, installedVersion, fixedVersion } = finding;
    const key = JSON.stringify([vulnerabilityId, packageName, installedVersion, fixedVersion]);
    if (!unique.has(key)) unique.set(key, finding);
  }
  return [...unique.values()];
}

/** The highest base score that any source gives, of the newest version of CVSS that it uses. */
export function highestScore(sources: Readonly<Record<string, Cvss>> | undefined): number | undefined {
  const scores = Object.values(sources ?? {}).flatMap(({ v40Score, v3Score, v2Score }) => {
    const score = v40Score ?? v3Score ?? v2Score;
    return score === undefined ? [] : [score];
  });
  return scores.length === 0 ? undefined : Math.max(...scores);
}

function factOf(finding: Finding): FindingFact {
  const { vulnerabilityId, packageName, installedVersion, fixedVersion, severity, detail } = finding;
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

/** As the registry names it, for one platform or for all of them. */
function digestOf({ images }: ScanReport): string | undefined {
  const [first, second] = images;
  const ofRegistry = first?.repoDigests[0];
  if (ofRegistry !== undefined) return ofRegistry.slice(ofRegistry.indexOf('@') + 1);
  return second ? undefined : first?.manifestDigest;
}
