import type { DistributionMatching } from '../ecosystems/index.js';
import { schemes } from '../versions/index.js';
import type { Advisory } from './advisory.js';
import { type Decision, guardAdvisory, notAffected, unparsableVersion } from './decision.js';

/** Does a distribution's advisory hold for this version? Without a fix nothing needs comparing. */
export function decideOs(advisory: Advisory, version: string, rules: DistributionMatching): Decision {
  const { fixedVersion } = advisory;
  const affectedFrom = rules.hasAffectedVersion ? advisory.affectedVersion : undefined;
  if (!fixedVersion && rules.withoutFix === 'silent') return notAffected;
  if (!fixedVersion && !affectedFrom) return { kind: 'affected', range: 'no fixed version' };
  const scheme = schemes[rules.scheme];
  if (!scheme.isValid(version)) return unparsableVersion(rules.scheme, version);
  return guardAdvisory(() => {
    if (affectedFrom && scheme.compare(affectedFrom, version) > 0) return notAffected;
    if (fixedVersion && scheme.compare(version, fixedVersion) >= 0) return notAffected;
    return { kind: 'affected', range: describeRange(affectedFrom, fixedVersion) };
  });
}

function describeRange(from: string | undefined, fixed: string | undefined): string {
  return [from ? `>= ${from}` : '', fixed ? `< ${fixed}` : 'no fixed version'].filter(Boolean).join(', ');
}
