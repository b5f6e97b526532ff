import { messageOf } from '../core/index.js';
import { VersionError } from '../versions/index.js';

/** What holding one advisory against one version gives. */
export type Decision =
  | { readonly kind: 'affected'; readonly range: string }
  | { readonly kind: 'notAffected' }
  /** The installed version cannot be read. */
  | { readonly kind: 'versionUnparsable'; readonly reason: string }
  /** The advisory's version or range cannot be read. */
  | { readonly kind: 'advisoryUnparsable'; readonly reason: string };

export const notAffected: Decision = { kind: 'notAffected' };

/** The decision, or `advisoryUnparsable` when the scheme refuses one of the advisory's texts. */
export function guardAdvisory(decide: () => Decision): Decision {
  try {
    return decide();
  } catch (thrown) {
    if (!(thrown instanceof VersionError)) throw thrown;
    return { kind: 'advisoryUnparsable', reason: messageOf(thrown) };
  }
}

/** The decision about an installed version that its scheme refuses. */
export function unparsableVersion(schemeId: string, version: string): Decision {
  const reason =
    version === '' ? 'it has no version' : `${JSON.stringify(version.slice(0, 80))} is not a valid ${schemeId} version`;
  return { kind: 'versionUnparsable', reason };
}
