import { schemes } from '../../src/versions/index.js';
import { codeNames, type ListedFix } from './debian-lists.js';
import { factsOf, fixedVersionOf, reviewedOf, type StarterDocument, type StarterFact } from './starter-table.js';

/** How the facts of one Debian release stand against a copy of the DSA and DLA lists. */
export interface DebianComparison {
  readonly release: string;
  /** Same fixed version. */
  readonly equal: number;
  /** What the lists do not speak of: flaws without a fix, point releases, everything after the copy. */
  readonly beyond: number;
  /** Other fixed version, a fix that the table lacks, or two statements of the table that differ. */
  readonly contradictions: readonly string[];
}

/** Compares every release of which both speak. */
export function compareDebian(
  documents: readonly StarterDocument[],
  lists: readonly ListedFix[],
): readonly DebianComparison[] {
  return [...reviewedOf(documents)].flatMap(([scope, reviewed]) => {
    const release = /^debian (\d+)$/.exec(scope)?.[1] ?? '';
    const fixes = lists.filter((fix) => fix.release === codeNames[release] && reviewed.has(fix.packageName));
    if (fixes.length === 0) return [];
    return [
      compareRelease(
        release,
        factsOf(documents).filter((fact) => fact.scope === scope),
        highestFixes(fixes),
      ),
    ];
  });
}

function compareRelease(
  release: string,
  facts: readonly StarterFact[],
  listed: ReadonlyMap<string, string>,
): DebianComparison {
  const contradictions: string[] = [];
  const ours = new Map<string, string>();
  for (const { packageName, id, value, file } of facts) {
    const key = `${packageName} ${id}`;
    const fixed = fixedVersionOf(value) ?? 'no fix';
    const earlier = ours.get(key) ?? fixed;
    if (earlier !== fixed) contradictions.push(`${release}: ${key}: ${file} says ${fixed}, another file ${earlier}`);
    ours.set(key, fixed);
  }
  let equal = 0;
  for (const [key, version] of listed) {
    const fixed = ours.get(key);
    if (fixed === version) equal++;
    else contradictions.push(`${release}: ${key}: ${fixed ?? 'missing'}, the lists say ${version}`);
  }
  return { release, equal, beyond: [...ours.keys()].filter((key) => !listed.has(key)).length, contradictions };
}

function highestFixes(fixes: readonly ListedFix[]): ReadonlyMap<string, string> {
  const highest = new Map<string, string>();
  for (const { packageName, advisory, version, cves } of fixes) {
    for (const id of cves.length > 0 ? cves : [advisory]) {
      const key = `${packageName} ${id}`;
      const known = highest.get(key);
      if (known === undefined || schemes.dpkg.compare(version, known) > 0) highest.set(key, version);
    }
  }
  return highest;
}
