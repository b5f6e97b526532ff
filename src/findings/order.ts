import type { Finding } from './finding.js';
import { severityRank } from './severity.js';

/** Order of the texts' UTF-8 bytes (that is, of their code points): the same everywhere, whatever the locale. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

/** The order in which a result prints its findings: package, its id and version, the worst first, then the identifier. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.packageName, b.packageName) ||
    compareText(a.packageId, b.packageId) ||
    compareText(a.installedVersion, b.installedVersion) ||
    severityRank(b.severity) - severityRank(a.severity) ||
    compareText(a.vulnerabilityId, b.vulnerabilityId) ||
    compareText(a.packagePath ?? '', b.packagePath ?? '')
  );
}

/** Halves of surrogate pairs stand for code points beyond all others. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
