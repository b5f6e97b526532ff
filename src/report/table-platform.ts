import { describeFindings } from '../screening/index.js';
import { clipText, plainLine } from './plain-text.js';
import type { ImageReport } from './scan-report.js';
import { createStyle } from './style.js';
import { renderHeading } from './table-section.js';
import type { WriteOptions } from './writer.js';

const maxReasonLength = 200;

/** What stands above the results of one of several platforms: its name, and in a line what became of it. */
export function* renderPlatform(image: ImageReport, options: WriteOptions): Generator<string> {
  const color = options.color === true;
  const count = image.results.reduce((sum, result) => sum + result.findings.length, 0);
  const { outcome, reasons } = image.verdict;
  const [reason] = reasons;
  const why = reason === undefined ? '' : `: ${clipText(plainLine(reason), maxReasonLength)}`;
  yield `\n${renderHeading(`Platform ${image.platform}`, { style: createStyle(color), color })}`;
  yield `${count === 0 ? 'No findings' : describeFindings(count, options.severities)}; ${outcome}${why}\n`;
}
