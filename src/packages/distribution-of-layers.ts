import type { OperatingSystem } from '../ecosystems/index.js';
import type { OperatingSystemFact } from './cataloger.js';

/** What the layers of an image say of its operating system. */
export interface NamedSystem {
  readonly operatingSystem?: OperatingSystem | undefined;
  /** A distribution that is named somewhere and that we do not know; only while `operatingSystem` is missing. */
  readonly unrecognized?: OperatingSystemFact | undefined;
}

/**
 * The operating system of an image. Each layer is first merged in itself, by the rank of its files; then the layers,
 * bottom first: the lowest that names one decides, except that `debian` and `redhat` give way to what comes later,
 * because the files of those are also in the images of their derivatives. A whiteout takes nothing back.
 */
export function operatingSystemOf(layers: readonly (readonly OperatingSystemFact[])[]): NamedSystem {
  let current: Named | undefined;
  let unrecognized: OperatingSystemFact | undefined;
  let extended = false;
  for (const facts of layers) {
    const next = bestOf(facts);
    if (facts.some((fact) => fact.extended)) extended = true;
    unrecognized = facts.find((fact) => fact.unrecognized !== undefined) ?? unrecognized;
    if (next) current = current ? merged(current, next) : next;
  }
  if (!current) return { unrecognized };
  const { family, name } = current;
  return { operatingSystem: extended ? { family, name, extended: true } : { family, name } };
}

interface Named {
  readonly family: string;
  readonly name: string;
  readonly rank: number;
}

function merged(current: Named, next: Named): Named {
  const givesWay = current.family === 'debian' || current.family === 'redhat';
  // `11` from os-release says less than the `11.6` that it would replace.
  const saysLess = next.family === current.family && (next.name === '' || next.rank > current.rank);
  if (givesWay && !saysLess) return next;
  return current.name === '' && next.family === current.family ? { ...current, name: next.name } : current;
}

/** The fact of the best rank; its name may come from another of the same family. */
function bestOf(facts: readonly OperatingSystemFact[]): Named | undefined {
  const named = facts
    .flatMap((fact) => (fact.family ? [{ family: fact.family, name: fact.name ?? '', rank: rankOf(fact) }] : []))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? 1 : -1));
  const best = named[0];
  if (!best || best.name !== '') return best;
  const other = named.find((fact) => fact.family === best.family && fact.name !== '');
  return other ? { ...best, name: other.name } : best;
}

/**
 * 0: files that only one family has. 1: os-release. 2: os-release of families that have their own files, above
 * `debian_version` for Ubuntu (whose `debian_version` names Debian's branch), below it for Debian.
 */
function rankOf({ path, family }: OperatingSystemFact): number {
  if (path.endsWith('os-release')) {
    if (family === 'ubuntu') return 3;
    return family === 'debian' || family === 'amazon' ? 5 : 1;
  }
  if (path === 'etc/redhat-release') return 2;
  if (path === 'etc/debian_version') return 4;
  // It tells of support, not of a release.
  return path.startsWith('var/lib/ubuntu-advantage/') ? 3 : 0;
}
