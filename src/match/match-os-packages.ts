import {
  type DistributionMatching,
  distributionOf,
  formatVersion,
  type OperatingSystem,
  type Package,
  type PackageRepository,
  type ReleaseQuestion,
} from '../ecosystems/index.js';
import type { Unknown } from '../findings/index.js';
import type { AdvisoryIndex } from './advisory.js';
import { decideOs } from './decide-os.js';
import { describeHit } from './describe.js';
import { countKeys, listSome, type MatchKey, type MatchScope, matchPackages } from './match-packages.js';
import type { MatchOptions, MatchResult } from './match-result.js';

/** The packages of an operating system, and what tells its release. */
export interface OsMatchInput {
  /** Absent, or of family `none`: nothing names it, and no package can be assessed. */
  readonly operatingSystem: OperatingSystem | undefined;
  /** What the package manager is set to install from; it may decide the release. */
  readonly repository?: PackageRepository | undefined;
  /** The user named the operating system: the repository then does not count. */
  readonly distroOverridden?: boolean | undefined;
  readonly packages: readonly Package[];
}

/**
 * Findings of OS packages against the advisories of their release. Whatever cannot be assessed is an unknown: no
 * operating system, a family that is not matched, a release that the database has no bucket for.
 * @throws what the index throws for a corrupt database.
 */
export function matchOsPackages(index: AdvisoryIndex, input: OsMatchInput, options: MatchOptions): MatchResult {
  const { operatingSystem } = input;
  if (!operatingSystem || operatingSystem.family === 'none')
    return unassessed(noOperatingSystem(input.packages.length));
  const rules = distributionOf(operatingSystem.family)?.matching;
  if (!rules) return unassessed(unsupported(operatingSystem, input.packages.length));
  const question: ReleaseQuestion = {
    operatingSystem,
    repository: input.distroOverridden ? undefined : input.repository,
    now: options.now,
  };
  const bucket = rules.bucket(question);
  const packages = input.packages.filter((item) => isMatched(item, rules));
  const notices = noticesOf(input.packages, question, { bucket, rules });
  const keyOf = (item: Package): MatchKey => osKeyOf(item, rules);
  if (packages.length === 0) return { findings: [], unknowns: [], coverage: [], notices };
  if (!index.hasBucket(bucket)) {
    const coverage = [{ scope: bucket, packages: countKeys(packages, keyOf), reviewed: 0 }];
    return { findings: [], unknowns: [noAdvisories(operatingSystem, bucket, packages.length)], coverage, notices };
  }
  const scope: MatchScope = {
    name: bucket,
    keyOf,
    installedVersionOf: (item) => formatVersion(rules.shown === 'source' ? (item.source ?? item) : item),
    reviewed: (name) => index.reviewed(bucket, name),
    advisoriesOf: (name) => index.advisories(bucket, name),
    decide: (advisory, version) => decideOs(advisory, version, rules),
    describe: (advisory, key, range) =>
      describeHit(index, advisory, {
        fixedVersion: advisory.fixedVersion ?? '',
        match: { bucket, lookedUp: key.name, compared: key.version, range },
        rules,
        options,
      }),
  };
  return { ...matchPackages(packages, scope), notices };
}

/** Signing keys are in the package list, but are no software. */
function isMatched(item: Package, rules: DistributionMatching): boolean {
  return item.name !== 'gpg-pubkey' && !isSkippedThirdParty(item, rules);
}

function isSkippedThirdParty(item: Package, rules: DistributionMatching): boolean {
  return rules.skipsThirdParty && item.origin === 'third-party';
}

function osKeyOf(item: Package, rules: DistributionMatching): MatchKey {
  const named = rules.lookedUp === 'source' ? item.source?.name || item.name : item.name;
  const compared = rules.compared === 'source' && item.source?.version ? item.source : item;
  return { name: named, version: formatVersion(compared) };
}

function noticesOf(
  packages: readonly Package[],
  { operatingSystem, repository }: ReleaseQuestion,
  { bucket, rules }: { readonly bucket: string; readonly rules: DistributionMatching },
): readonly string[] {
  const notices: string[] = [];
  const isRepositorys = repository !== undefined && rules.bucket({ operatingSystem, now: new Date(0) }) !== bucket;
  if (isRepositorys && repository.release !== 'edge') {
    notices.push(
      `the package repositories are of ${repository.family} ${repository.release}, the image is ${operatingSystem.family} ${operatingSystem.name}: matched against ${bucket}; mixing releases is not supported`,
    );
  }
  const foreign = packages.filter((item) => isSkippedThirdParty(item, rules)).map((item) => item.name);
  if (foreign.length > 0) {
    notices.push(
      `${foreign.length} ${foreign.length === 1 ? 'package is' : 'packages are'} not the distribution's own, and its advisories say nothing of them: ${listSome(foreign)}`,
    );
  }
  return notices;
}

function unassessed(unknown: Unknown): MatchResult {
  return { findings: [], unknowns: [unknown], coverage: [] };
}

function noOperatingSystem(count: number): Unknown {
  const consequence = count === 0 ? 'no OS package could be looked for' : `its ${count} OS packages were not assessed`;
  return {
    code: 'NO_OS',
    subject: 'operating system',
    reason: `no file of the image names a distribution, so ${consequence}`,
  };
}

function unsupported({ family, name }: OperatingSystem, count: number): Unknown {
  const release = `${family} ${name}`.trim();
  const consequence = count === 0 ? 'its packages were not assessed' : `its ${count} packages were not assessed`;
  return {
    code: 'UNSUPPORTED_OS',
    subject: release,
    reason: `${release} is not a distribution that can be matched, so ${consequence}`,
  };
}

function noAdvisories({ family, name }: OperatingSystem, bucket: string, count: number): Unknown {
  const release = `${family} ${name}`.trim();
  return {
    code: 'NO_ADVISORIES_FOR_RELEASE',
    subject: release,
    reason: `the database has no advisories for ${release} (no bucket "${bucket}"), so its ${count} packages were not assessed`,
  };
}
