import type { Severity } from '../findings/index.js';
import type { ScanReport } from './scan-report.js';

/** One output format. */
export interface Writer {
  /** What `--format` takes. */
  readonly id: string;
  /** Other names that `--format` takes. */
  readonly aliases: readonly string[];
  readonly mediaType: string;
  /** One line for the help text. */
  readonly summary: string;
  /** The report in pieces, its last line end included. The same report and options give the same text. */
  write(report: ScanReport, options: WriteOptions): Iterable<string>;
}

/** Kinds of check that a summary can have a column for. */
export type Scanner = 'vuln' | 'misconfig' | 'secret' | 'license';

export type TableMode = 'summary' | 'detailed';

export interface WriteOptions {
  /** SHA-256 of the text's UTF-8 bytes, as lower-case hex digits: hashing is not ours to import here. */
  sha256Hex(text: string): string;
  /** The severities that were asked for; default: all. Findings are filtered already: this only says so. */
  readonly severities?: readonly Severity[] | undefined;
  /** Findings that exceptions took away, too. */
  readonly showSuppressed?: boolean | undefined;
  /** Lists of packages in JSON; default true. */
  readonly listAllPackages?: boolean | undefined;
  /** Columns of the summary table, in this order; default: `vuln`. */
  readonly scanners?: readonly Scanner[] | undefined;
  /** Parts of the table report; default: both. */
  readonly tableModes?: readonly TableMode[] | undefined;
  /** How vulnerable packages are reached (table only). */
  readonly dependencyTree?: boolean | undefined;
  /** Escape sequences for colour and weight (table only); default false. */
  readonly color?: boolean | undefined;
  /** Width of the terminal that the table goes to; absent where it goes elsewhere, and is as wide as it needs. */
  readonly columns?: number | undefined;
}
