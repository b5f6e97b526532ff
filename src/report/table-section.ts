import { severities, type Finding, type Severity } from '../findings/index.js';
import { plainText } from './plain-text.js';
import type { Style } from './style.js';

const encoder = new TextEncoder();

/** A heading in front of a table: painted where there is colour, else underlined by as many `=` as it has bytes. */
export function renderHeading(text: string, style: { readonly style: Style; readonly color: boolean }): string {
  const safe = plainText(text);
  if (style.color) return `${style.style.heading(safe)}\n`;
  return `${safe}\n${'='.repeat(encoder.encode(safe).length)}\n`;
}

/** `LOW: 1, HIGH: 3`: the severities that were asked for, in rising order, each with its number. */
export function countBySeverity(findings: readonly Finding[], asked: readonly Severity[] = severities): string {
  const counts = new Map<Severity, number>();
  for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return severities
    .filter((severity) => asked.includes(severity))
    .map((severity) => `${severity}: ${counts.get(severity) ?? 0}`)
    .join(', ');
}
