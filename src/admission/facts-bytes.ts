import type { ScanFacts } from '../policy/index.js';

/** An object of a handful of members, with its place in a list; a text without its letters. */
const objectBytes = 120;
const textBytes = 24;

/** About how much memory the facts of a scan take: an estimate that is rather too high. */
export function factsBytes({ findings, unknowns }: ScanFacts): number {
  let bytes = objectBytes;
  for (const { vulnerabilityId, packageName, installedVersion, fixedVersion, publishedAt = '' } of findings) {
    const letters =
      vulnerabilityId.length + packageName.length + installedVersion.length + fixedVersion.length + publishedAt.length;
    bytes += objectBytes + 5 * textBytes + letters;
  }
  for (const { code, subject, reason } of unknowns) {
    bytes += objectBytes + 3 * textBytes + code.length + subject.length + reason.length;
  }
  return bytes;
}
