import { type SchemeId, satisfies, schemes } from '../versions/index.js';
import type { Advisory } from './advisory.js';
import { type Decision, guardAdvisory, notAffected, unparsableVersion } from './decision.js';

/** Does an advisory of a language ecosystem hold for this version? Its ranges are alternatives. */
export function decideLanguage(advisory: Advisory, version: string, scheme: SchemeId): Decision {
  const vulnerable = advisory.vulnerableVersions ?? [];
  const patched = advisory.patchedVersions ?? [];
  // An empty text stands for every version.
  if (vulnerable.includes('') || patched.includes('')) return { kind: 'affected', range: 'any version' };
  const secure = [...patched, ...(advisory.unaffectedVersions ?? [])];
  if (vulnerable.length === 0 && secure.length === 0) return notAffected;
  if (!schemes[scheme].isValid(version)) return unparsableVersion(scheme, version);
  return guardAdvisory(() => {
    if (vulnerable.length > 0 && !satisfies(scheme, version, vulnerable.join(' || '))) return notAffected;
    if (secure.length > 0 && satisfies(scheme, version, secure.join(' || '))) return notAffected;
    return { kind: 'affected', range: vulnerable.join(' || ') || `not (${secure.join(' || ')})` };
  });
}

/** The versions that are free of it, joined by `, `: as the advisory says, else the ends of its ranges; may be empty. */
export function fixedVersionsOf({ vulnerableVersions, patchedVersions }: Advisory): string {
  if (patchedVersions?.length) return [...new Set(patchedVersions)].join(', ');
  const ends = (vulnerableVersions ?? [])
    .flatMap((range) => range.split(','))
    .map((part) => part.trim())
    .filter((part) => part.startsWith('<') && !part.startsWith('<='))
    .map((part) => part.slice(1).trim());
  return [...new Set(ends)].join(', ');
}
