import type { Severity } from '../findings/index.js';
import type { Paint } from './table-layout.js';

/** How the parts of a table report are painted; without colour every one of them returns its text as it is. */
export interface Style {
  readonly heading: Paint;
  readonly title: Paint;
  readonly line: Paint;
  readonly link: Paint;
  readonly alarm: Paint;
  readonly culprit: Paint;
  severity(severity: Severity): Paint;
}

const severityCodes: Readonly<Record<Severity, number>> = { UNKNOWN: 36, LOW: 34, MEDIUM: 33, HIGH: 91, CRITICAL: 31 };

export function createStyle(color: boolean): Style {
  const paint = (...codes: readonly number[]): Paint => {
    if (!color) return (text) => text;
    const start = codes.map((code) => `\u001b[${code}m`).join('');
    return (text) => (text === '' ? '' : `${start}${text}\u001b[0m`);
  };
  return {
    heading: paint(1, 4),
    title: paint(1),
    line: paint(2),
    link: paint(34),
    alarm: paint(91),
    culprit: paint(31),
    severity: (severity) => paint(severityCodes[severity]),
  };
}
