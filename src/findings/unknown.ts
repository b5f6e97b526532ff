/** Why something could not be assessed. `docs/unknowns.md` explains each. */
export const unknownCodes = [
  'NO_OS',
  'UNSUPPORTED_OS',
  'NO_ADVISORIES_FOR_RELEASE',
  'NO_ADVISORIES_FOR_ECOSYSTEM',
  'OUTSIDE_COVERAGE',
  'NO_PACKAGES',
  'PACKAGE_DATABASE_MISSING',
  'PACKAGE_DATABASE_CORRUPT',
  'PACKAGE_DATABASE_UNSUPPORTED',
  'PACKAGES_UNSUPPORTED',
  'PACKAGE_UNREADABLE',
  'FILE_UNREADABLE',
  'FILE_TOO_LARGE',
  'LINK_UNRESOLVED',
  'VERSION_UNPARSABLE',
  'ADVISORY_UNREADABLE',
  'ATTESTATION_ONLY',
  'PLATFORM_UNREADABLE',
] as const;
export type UnknownCode = (typeof unknownCodes)[number];

/** Something that was asked for and could not be assessed: its presence makes a verdict `incomplete`. */
export interface Unknown {
  readonly code: UnknownCode;
  /** The path, package, release or thing in question. */
  readonly subject: string;
  /** One sentence: what happened, and what that means. */
  readonly reason: string;
  /** Diff ID of the layer in question. */
  readonly layer?: string | undefined;
  /** The cataloger in question, by the name that its packages have in `analyzedBy`, or its id. */
  readonly cataloger?: string | undefined;
}
