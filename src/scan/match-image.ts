import type { Relationship } from '../ecosystems/index.js';
import type { Finding, Unknown } from '../findings/index.js';
import {
  matchApplication,
  matchOsPackages,
  type AdvisoryIndex,
  type Coverage,
  type MatchResult,
} from '../match/index.js';
import type { ImageFacts, PlacedPackage } from '../packages/index.js';
import type { ScanRequest } from './scan-request.js';

/** The findings of one image, result by result, in the order of its applications. */
export interface MatchedImage {
  /** Absent when OS packages were not asked for, or there are neither an OS nor OS packages. */
  readonly os?: MatchedPackages | undefined;
  readonly applications: readonly (MatchedPackages & { readonly type: string; readonly target: string })[];
  readonly unknowns: readonly Unknown[];
  /** One a scope. */
  readonly coverage: readonly Coverage[];
  readonly notices: readonly string[];
}

export interface MatchedPackages {
  readonly packages: readonly PlacedPackage[];
  readonly findings: readonly Finding[];
}

/** Facts + advisories = findings. Pure, given the index's answers. */
export function matchImage(index: AdvisoryIndex, facts: ImageFacts, request: ScanRequest, now: Date): MatchedImage {
  const wanted = relationshipFilter(request.packageRelationships);
  const options = { severitySources: request.severitySources ?? ['auto'], now };
  const types = request.packageTypes ?? ['os', 'library'];
  const unknowns: Unknown[] = [];
  const coverage: Coverage[] = [];
  const notices: string[] = [];
  const take = (result: MatchResult): readonly Finding[] => {
    unknowns.push(...result.unknowns);
    coverage.push(...result.coverage);
    notices.push(...(result.notices ?? []));
    return result.findings;
  };
  let os: MatchedPackages | undefined;
  if (types.includes('os') && facts.operatingSystem !== undefined) {
    const packages = facts.osPackages.filter(wanted);
    const result = matchOsPackages(
      index,
      {
        operatingSystem: facts.operatingSystem,
        repository: request.distro === undefined ? facts.repository : undefined,
        packages: packages.map((placed) => placed.package),
      },
      options,
    );
    os = { packages, findings: take(result) };
  }
  const applications = types.includes('library')
    ? facts.applications.map(({ type, target, packages: all }) => {
        const packages = all.filter(wanted);
        const result = matchApplication(index, { type, packages: packages.map((placed) => placed.package) }, options);
        return { type, target, packages, findings: take(result) };
      })
    : [];
  return {
    os,
    applications: applications.filter(({ packages }) => packages.length > 0),
    unknowns,
    coverage: addUp(coverage),
    notices,
  };
}

/** Several applications of one ecosystem are one scope. */
function addUp(coverage: readonly Coverage[]): readonly Coverage[] {
  const scopes = new Map<string, Coverage>();
  for (const { scope, packages, reviewed } of coverage) {
    const before = scopes.get(scope) ?? { scope, packages: 0, reviewed: 0 };
    scopes.set(scope, { scope, packages: before.packages + packages, reviewed: before.reviewed + reviewed });
  }
  return [...scopes.values()];
}

function relationshipFilter(relationships: readonly Relationship[] | undefined): (placed: PlacedPackage) => boolean {
  if (relationships === undefined) return () => true;
  return (placed) => relationships.includes(placed.package.relationship ?? 'unknown');
}
