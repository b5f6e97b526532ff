import type { Finding, Unknown } from '../findings/index.js';

/** What matching one list of packages gave. */
export interface MatchResult {
  /** In package order, each package's by vulnerability id; not filtered, not yet sorted for printing. */
  readonly findings: readonly Finding[];
  readonly unknowns: readonly Unknown[];
  readonly coverage: readonly Coverage[];
  /** Sentences for the user that change no verdict: mixed releases, packages of third parties that are not matched. */
  readonly notices?: readonly string[] | undefined;
}

/** How much of one scope the database was made to judge. */
export interface Coverage {
  /** A distribution's bucket (`alpine 3.11`) or an ecosystem (`npm`). */
  readonly scope: string;
  /** Match keys: distinct names and versions that were looked up. */
  readonly packages: number;
  /** Of these, how many the database reviewed. */
  readonly reviewed: number;
}

/** What a run decides for all its matching. */
export interface MatchOptions {
  /** Ordered source ids that may give a severity; `auto` is the distribution's own, then the national database. */
  readonly severitySources: readonly string[];
  readonly now: Date;
}
