import { TidewaiterError } from '../core/index.js';

/** A text that a scheme cannot read. */
export class VersionError extends TidewaiterError<
  'VERSION_INVALID' | 'CONSTRAINT_INVALID' | 'CONSTRAINT_UNSUPPORTED'
> {}

/** How one ecosystem orders its versions. Every function takes time linear in its texts. */
export interface VersionScheme {
  readonly id: string;
  /** Can this text be compared? */
  isValid(text: string): boolean;
  /**
   * Negative, zero or positive as `a` is older than, the same as, or newer than `b`. A total order over valid texts.
   * @throws VersionError `VERSION_INVALID` if either cannot be read.
   */
  compare(a: string, b: string): number;
  /**
   * Does the version satisfy the constraint? Absent where the ecosystem's advisories have no constraints.
   * @throws VersionError `VERSION_INVALID` or `CONSTRAINT_INVALID`.
   */
  satisfies?(version: string, constraint: string): boolean;
}

/** The error for a version text that a scheme does not accept. */
export function invalidVersion(schemeId: string, text: string): VersionError {
  return new VersionError('VERSION_INVALID', `${quote(text)} is not a valid ${schemeId} version`);
}

/** The error for a constraint that a scheme does not accept. */
export function invalidConstraint(schemeId: string, text: string): VersionError {
  return new VersionError('CONSTRAINT_INVALID', `${quote(text)} is not a valid ${schemeId} constraint`);
}

const longestQuote = 80;

function quote(text: string): string {
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}...` : text);
}
