import type { ImageReport, ResultReport, ScanReport } from './scan-report.js';
import type { WriteOptions } from './writer.js';

/** One result and where it belongs. */
export interface ResultContext {
  readonly report: ScanReport;
  readonly image: ImageReport;
  readonly result: ResultReport;
  readonly options: WriteOptions;
}

/** The target as formats print it: where the report holds several platforms, it names its own. */
export function resultTarget({ report, image, result }: Omit<ResultContext, 'options'>): string {
  return report.images.length > 1 ? `${result.target} [${image.platform}]` : result.target;
}
