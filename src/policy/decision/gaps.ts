import type { ScanFacts, ScanKnowledge, UnknownFact } from './subject.js';

// Whoever prints a reason names the image or the object.
const subject = '';

/** Of an image of which nothing is known yet, or ever. */
export function gapOfScan(scan: Exclude<ScanKnowledge, { readonly state: 'scanned' }>): UnknownFact {
  if (scan.state === 'missing') return { code: scan.code, subject, reason: scan.reason };
  return { code: 'SCAN_PENDING', subject, reason: scan.reason ?? 'it is being scanned' };
}

/** Of an object, or a part of it, that could not be read. */
export function gapOfWorkload(reason: string): UnknownFact {
  return { code: 'MANIFEST_UNASSESSED', subject, reason };
}

/** Of findings that are looked at as a whole. */
export function gapsOfFindings({ unknowns, narrowing }: ScanFacts): readonly UnknownFact[] {
  if (!narrowing) return unknowns;
  const reason = 'the report leaves out part of what was found';
  return [...unknowns, { code: 'REPORT_NARROWED', subject, reason }];
}
