import * as registered from './schemes/index.js';
import { VersionError, type VersionScheme } from './version-scheme.js';

/** The id of a scheme that we have. */
export type SchemeId = (typeof registered)[keyof typeof registered]['id'];

/** Every scheme, by its id. */
export const schemes: Readonly<Record<SchemeId, VersionScheme>> = registered;

/**
 * Does the version satisfy the constraint, in the scheme's own syntax?
 * @throws VersionError `VERSION_INVALID`, `CONSTRAINT_INVALID`, or `CONSTRAINT_UNSUPPORTED` for a scheme without any.
 */
export function satisfies(schemeId: SchemeId, version: string, constraint: string): boolean {
  const scheme = schemes[schemeId];
  if (!scheme.satisfies) throw new VersionError('CONSTRAINT_UNSUPPORTED', `${schemeId} versions have no constraints`);
  return scheme.satisfies(version, constraint);
}
