import { severityRank } from '../../findings/index.js';
import type { ManifestFinding } from './manifest-report.js';

/** By severity from the worst, then file, line, rule. */
export function compareFindings(a: ManifestFinding, b: ManifestFinding): number {
  return (
    severityRank(b.severity) - severityRank(a.severity) ||
    compareTexts(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    compareTexts(a.ruleId, b.ruleId) ||
    a.place.column - b.place.column
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
