import type { Package } from '../ecosystems/index.js';
import type { Finding, Unknown } from '../findings/index.js';
import type { Advisory, AdvisoryAnswer } from './advisory.js';
import type { Decision } from './decision.js';
import type { Hit } from './describe.js';
import type { MatchResult } from './match-result.js';

/** All that matching reads of a package. Packages with the same key have the same advisories. */
export interface MatchKey {
  /** The name that is looked up. */
  readonly name: string;
  /** The version that is compared. */
  readonly version: string;
}

/** How one scope (a release, an ecosystem) is matched. */
export interface MatchScope {
  /** As coverage names it: `alpine 3.11`, `npm`. */
  readonly name: string;
  keyOf(item: Package): MatchKey;
  installedVersionOf(item: Package): string;
  /** Did the database review this name? `undefined`: it keeps no list, everything counts as reviewed. */
  reviewed(name: string): boolean | undefined;
  advisoriesOf(name: string): AdvisoryAnswer;
  decide(advisory: Advisory, version: string): Decision;
  describe(advisory: Advisory, key: MatchKey, range: string): Hit;
}

/** Packages against one scope; each match key is looked up and compared once, however many packages share it. */
export function matchPackages(packages: readonly Package[], scope: MatchScope): MatchResult {
  const keys = new Map<string, MatchKey>();
  const hitsOf = new Map<string, readonly Hit[]>();
  const findings: Finding[] = [];
  const unknowns: Unknown[] = [];
  for (const item of packages) {
    const key = scope.keyOf(item);
    const id = `${key.name}\0${key.version}`;
    let hits = hitsOf.get(id);
    if (!hits) {
      keys.set(id, key);
      hits = matchKey(key, scope, unknowns);
      hitsOf.set(id, hits);
    }
    for (const hit of hits) findings.push(toFinding(hit, item, scope.installedVersionOf(item)));
  }
  const outside = [...keys.values()].filter(({ name }) => scope.reviewed(name) === false);
  if (outside.length > 0) unknowns.push(outsideCoverage(outside, keys.size, scope.name));
  const coverage = { scope: scope.name, packages: keys.size, reviewed: keys.size - outside.length };
  return { findings, unknowns, coverage: [coverage] };
}

/** How many distinct match keys the packages have. */
export function countKeys(packages: readonly Package[], keyOf: (item: Package) => MatchKey): number {
  return new Set(packages.map(keyOf).map(({ name, version }) => `${name}\0${version}`)).size;
}

function matchKey(key: MatchKey, scope: MatchScope, unknowns: Unknown[]): readonly Hit[] {
  const { advisories, unreadable } = scope.advisoriesOf(key.name);
  for (const { vulnerabilityId, bucket, reason } of unreadable) {
    unknowns.push(unreadableAdvisory(vulnerabilityId, { bucket, reason }, key));
  }
  const hits: Hit[] = [];
  const undecided: string[] = [];
  let versionReason = '';
  for (const advisory of advisories) {
    const decision = scope.decide(advisory, key.version);
    if (decision.kind === 'affected') hits.push(scope.describe(advisory, key, decision.range));
    if (decision.kind === 'versionUnparsable') {
      undecided.push(advisory.vulnerabilityId);
      versionReason = decision.reason;
    }
    if (decision.kind === 'advisoryUnparsable') {
      unknowns.push(
        unreadableAdvisory(advisory.vulnerabilityId, { bucket: advisory.bucket, reason: decision.reason }, key),
      );
    }
  }
  if (undecided.length > 0) unknowns.push(unparsable(key, versionReason, undecided));
  return hits;
}

function toFinding(hit: Hit, item: Package, installedVersion: string): Finding {
  return {
    packageId: item.id,
    packageName: item.name,
    packagePath: item.filePath,
    installedVersion,
    ...hit,
  };
}

const namesShown = 5;

/** The first few of a list and how many more there are. */
export function listSome(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return names.slice(0, namesShown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function outsideCoverage(outside: readonly MatchKey[], total: number, scope: string): Unknown {
  const names = [...new Set(outside.map(({ name }) => name))];
  return {
    code: 'OUTSIDE_COVERAGE',
    subject: scope,
    reason: `${outside.length} of ${total} packages are outside what the database covers of ${scope}, so nothing is known of them: ${listSome(names)}`,
  };
}

function unreadableAdvisory(
  vulnerabilityId: string,
  cause: { readonly bucket: string; readonly reason: string },
  { name, version }: MatchKey,
): Unknown {
  return {
    code: 'ADVISORY_UNREADABLE',
    subject: `${vulnerabilityId} of ${name}`,
    reason: `the record in ${cause.bucket} cannot be used (${cause.reason}), so whether ${name} ${version} is affected is not known`,
  };
}

function unparsable({ name, version }: MatchKey, reason: string, ids: readonly string[]): Unknown {
  return {
    code: 'VERSION_UNPARSABLE',
    subject: version === '' ? name : `${name}@${version}`,
    reason: `${reason}, so ${ids.length === 1 ? 'one advisory' : `${ids.length} advisories`} could not be compared: ${listSome(ids)}`,
  };
}
