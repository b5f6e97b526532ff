import { TidewaiterError } from '../core/index.js';
import type { ScanReport } from './scan-report.js';
import type { WriteOptions, Writer } from './writer.js';
import * as registered from './writers/index.js';

export class ReportError extends TidewaiterError<'UNKNOWN_FORMAT'> {}

/** Every output format, by id. */
export const writers: readonly Writer[] = Object.values(registered);

/**
 * The writer of a format, by its id or another of its names.
 * @throws ReportError `UNKNOWN_FORMAT`, which lists those that there are.
 */
export function writerOf(format: string): Writer {
  const writer = writers.find(({ id, aliases }) => id === format || aliases.includes(format));
  if (writer) return writer;
  throw new ReportError('UNKNOWN_FORMAT', `there is no format "${format}"`, {
    hint: `use one of ${writers.map(({ id }) => id).join(', ')}`,
  });
}

/**
 * The report in a format, in pieces of about 64 KiB; the same report and options give the same text.
 * @throws ReportError `UNKNOWN_FORMAT`
 */
export function write(report: ScanReport, options: WriteOptions & { readonly format: string }): Iterable<string> {
  return writerOf(options.format).write(report, options);
}
