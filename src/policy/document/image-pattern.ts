import type { Reference } from '../../reference/index.js';

/**
 * An entry that names images: a registry, or a registry and the start of a path, on the borders of its segments; or a
 * glob, which fits the whole of `registry/repository`.
 */
export interface ImagePattern {
  /** As written. */
  readonly text: string;
  /** Host and port: `docker.io`, `reg.example.com:5000`, `[::1]:5000`, `*.example.com`. */
  readonly registry: string;
  /** Segments of the path; of a literal entry the beginning of a path, of a glob all of it; none: every repository. */
  readonly segments: readonly string[];
  /** It has a `*`. */
  readonly isGlob: boolean;
}

/** How registries are compared: case counts for what is granted, and does not for what is refused. */
export type PatternUse = 'grant' | 'refuse';

/** A text that is no pattern, or one that could never fit: what is wrong, and what to write. */
export interface PatternProblem {
  /** One clause. */
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What an image is compared by. */
export type PatternSubject = Pick<Reference, 'registry' | 'repository'>;
