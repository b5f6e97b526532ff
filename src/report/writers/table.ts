import { inChunks } from '../chunks.js';
import { renderPlatform } from '../table-platform.js';
import { renderResult } from '../table-result.js';
import { renderSummary } from '../table-summary.js';
import { renderUnknowns } from '../table-unknowns.js';
import type { ScanReport } from '../scan-report.js';
import type { WriteOptions, Writer } from '../writer.js';

/**
 * Tables for people: a summary with one row per target, one table per result that has findings (of several platforms,
 * each under its heading), and what could not be assessed. Given `columns` it fits a terminal of that width; foreign text cannot steer the terminal.
 */
export const table = {
  id: 'table',
  aliases: [],
  mediaType: 'text/plain; charset=utf-8',
  summary: 'tables for people',
  *write(report: ScanReport, options: WriteOptions): Iterable<string> {
    yield* inChunks(render(report, options));
  },
} as const satisfies Writer;

function* render(report: ScanReport, options: WriteOptions): Generator<string> {
  const { tableModes = ['summary', 'detailed'] } = options;
  if (tableModes.includes('summary')) yield* renderSummary(report, options);
  if (tableModes.includes('detailed')) {
    for (const image of report.images) {
      if (report.images.length > 1) yield* renderPlatform(image, options);
      for (const result of image.results) yield* renderResult({ report, image, result, options });
    }
  }
  yield* renderUnknowns(report, options);
}
