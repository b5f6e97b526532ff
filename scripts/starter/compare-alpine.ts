import { schemes } from '../../src/versions/index.js';
import type { SecdbRelease } from './secdb.js';
import { factsOf, fixedVersionOf, reviewedOf, type StarterDocument } from './starter-table.js';

/** How the facts of one Alpine release stand against a copy of Alpine's security database. */
export interface AlpineComparison {
  readonly release: string;
  /** Same fixed version. */
  readonly equal: number;
  /** The copy writes the same version without a proper revision: `7.50.1` for `7.50.1-r0`, `2.7.16-33` for `2.7.16-r3`. */
  readonly reworded: readonly string[];
  /** Identifiers that the copy, which is older, does not have for that package. */
  readonly newer: number;
  /** Other fixed version, or a fact of a reviewed package that the table does not have. */
  readonly contradictions: readonly string[];
}

/** Compares every release that both have. */
export function compareAlpine(
  documents: readonly StarterDocument[],
  secdb: ReadonlyMap<string, SecdbRelease>,
): readonly AlpineComparison[] {
  return [...reviewedOf(documents)].flatMap(([scope, reviewed]) => {
    const release = /^alpine (.+)$/.exec(scope)?.[1];
    const known = release === undefined ? undefined : secdb.get(release);
    return release === undefined || !known ? [] : [compareRelease(documents, scope, release, reviewed, known)];
  });
}

function compareRelease(
  documents: readonly StarterDocument[],
  scope: string,
  release: string,
  reviewed: ReadonlySet<string>,
  known: SecdbRelease,
): AlpineComparison {
  const facts = factsOf(documents).filter((fact) => fact.scope === scope);
  const ours = new Set(facts.map(({ packageName, id }) => `${packageName} ${id}`));
  const reworded: string[] = [];
  const contradictions: string[] = [];
  let [equal, newer] = [0, 0];
  for (const { packageName, id, value } of facts) {
    const fixed = fixedVersionOf(value) ?? '';
    const versions = known.get(packageName)?.get(id);
    const line = `${release}: ${packageName}: ${id}: ${fixed}, the copy says ${[...(versions ?? [])].join(' and ')}`;
    if (!versions) newer++;
    else if (versions.has(fixed)) equal++;
    else if ([...versions].every((version) => isRewording(version, fixed))) reworded.push(line);
    else contradictions.push(line);
  }
  for (const name of reviewed) {
    for (const [id, versions] of known.get(name) ?? []) {
      if (ours.has(`${name} ${id}`) || versions.has('0') || !id.startsWith('CVE-')) continue;
      contradictions.push(`${release}: ${name}: ${id}: only the copy has it, fixed in ${[...versions].join(' and ')}`);
    }
  }
  return { release, equal, reworded, newer, contradictions };
}

function isRewording(theirs: string, ours: string): boolean {
  if (!schemes.apk.isValid(theirs) || `${theirs}-r0` === ours) return true;
  return !/-r\d+$/.test(theirs) && withoutRevision(theirs) === withoutRevision(ours);
}

function withoutRevision(version: string): string {
  return version.replace(/-[^-]*$/, '');
}
