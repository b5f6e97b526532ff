import { clipText, plainLine } from './plain-text.js';
import type { ScanReport } from './scan-report.js';
import { createStyle } from './style.js';
import { renderHeading } from './table-section.js';
import type { WriteOptions } from './writer.js';

const maxShown = 20;
const maxLineLength = 500;

/** What could not be assessed, and why; nothing where all was. */
export function* renderUnknowns(report: ScanReport, options: WriteOptions): Generator<string> {
  const several = report.images.length > 1;
  const unknowns = report.images.flatMap((image) =>
    image.unknowns.map((unknown) => ({ unknown, platform: several ? ` [${image.platform}]` : '' })),
  );
  if (unknowns.length === 0) return;
  const color = options.color === true;
  const style = createStyle(color);
  yield `\n${renderHeading(`Not assessed (${unknowns.length})`, { style, color })}`;
  for (const { unknown, platform } of unknowns.slice(0, maxShown)) {
    const { code, subject, reason } = unknown;
    const text = reason.includes(subject) ? reason : `${subject}: ${reason}`;
    yield `- ${style.alarm(code)}${platform}: ${clipText(plainLine(text), maxLineLength)}\n`;
  }
  if (unknowns.length > maxShown) yield `- and ${unknowns.length - maxShown} more (--format json names them all)\n`;
}
