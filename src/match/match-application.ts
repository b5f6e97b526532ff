import { type Ecosystem, ecosystemOf, formatVersion, type Package } from '../ecosystems/index.js';
import type { Unknown } from '../findings/index.js';
import type { Advisory, AdvisoryAnswer, AdvisoryIndex, UnreadableAdvisory } from './advisory.js';
import { decideLanguage, fixedVersionsOf } from './decide-language.js';
import { describeHit } from './describe.js';
import { type Decision, unparsableVersion } from './decision.js';
import { countKeys, type MatchKey, type MatchScope, matchPackages } from './match-packages.js';
import type { MatchOptions, MatchResult } from './match-result.js';

/** The packages of one application: a lock file's, or all installed ones of a type. */
export interface ApplicationMatchInput {
  /** Application type as reports spell it: `node-pkg`, `python-pkg`. */
  readonly type: string;
  readonly packages: readonly Package[];
}

/**
 * Findings of an application's packages against all advisories of their ecosystem. A type that is not matched, or an
 * ecosystem that the database has nothing of, is an unknown.
 * @throws what the index throws for a corrupt database.
 */
export function matchApplication(
  index: AdvisoryIndex,
  input: ApplicationMatchInput,
  options: MatchOptions,
): MatchResult {
  const { type, packages } = input;
  if (packages.length === 0) return { findings: [], unknowns: [], coverage: [] };
  const ecosystem = ecosystemOf(type);
  if (!ecosystem) return { findings: [], unknowns: [unsupported(type, packages.length)], coverage: [] };
  const prefix = `${ecosystem.databaseName}::`;
  const keyOf = (item: Package): MatchKey => ({
    name: ecosystem.normalizeName(item.name),
    version: formatVersion(item),
  });
  const buckets = index.bucketsWithPrefix(prefix);
  if (buckets.length === 0) {
    const coverage = [{ scope: ecosystem.databaseName, packages: countKeys(packages, keyOf), reviewed: 0 }];
    return { findings: [], unknowns: [noAdvisories(ecosystem, packages.length)], coverage };
  }
  const scope: MatchScope = {
    name: ecosystem.databaseName,
    keyOf,
    installedVersionOf: formatVersion,
    reviewed: (name) => index.reviewed(prefix, name),
    advisoriesOf: (name) => collect(index, buckets, name),
    decide: (advisory, version) => decide(advisory, version, ecosystem),
    describe: (advisory, key, range) =>
      describeHit(index, advisory, {
        fixedVersion: fixedVersionsOf(advisory),
        match: { bucket: advisory.bucket, lookedUp: key.name, compared: key.version, range },
        rules: { hasStatus: false, hasVendorIds: true },
        options,
      }),
  };
  return matchPackages(packages, scope);
}

function decide(advisory: Advisory, version: string, { scheme }: Ecosystem): Decision {
  return version === '' ? unparsableVersion(scheme, version) : decideLanguage(advisory, version, scheme);
}

/** Of an id that stands in several buckets the last bucket's record counts. */
function collect(index: AdvisoryIndex, buckets: readonly string[], name: string): AdvisoryAnswer {
  const advisories = new Map<string, Advisory>();
  const unreadable: UnreadableAdvisory[] = [];
  for (const bucket of buckets) {
    const answer = index.advisories(bucket, name);
    for (const advisory of answer.advisories) advisories.set(advisory.vulnerabilityId, advisory);
    unreadable.push(...answer.unreadable);
  }
  return { advisories: [...advisories.values()], unreadable };
}

function unsupported(type: string, count: number): Unknown {
  return {
    code: 'NO_ADVISORIES_FOR_ECOSYSTEM',
    subject: type,
    reason: `packages of type ${type} are not matched yet, so ${count} of them were not assessed`,
  };
}

function noAdvisories({ databaseName }: Ecosystem, count: number): Unknown {
  return {
    code: 'NO_ADVISORIES_FOR_ECOSYSTEM',
    subject: databaseName,
    reason: `the database has no advisories for ${databaseName} (no bucket "${databaseName}::..."), so ${count} packages were not assessed`,
  };
}
