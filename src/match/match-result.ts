import type { Finding, Unknown } from '../findings/index.js';

/** What matching one list of packages gave. */
export interface MatchResult {
  /** In package order; not filtered, not yet sorted for printing. */
  readonly findings: readonly Finding[];
  readonly unknowns: readonly Unknown[];
  readonly coverage: readonly Coverage[];
}

export interface Coverage {
  readonly scope: string;
  readonly packages: number;
  readonly reviewed: number;
}
