import { distributionOf, type OperatingSystem } from '../ecosystems/index.js';
import { compareText, type Unknown, unknownCodes } from '../findings/index.js';
import { catalogers, declares, nameOf } from './catalog.js';
import type { Cataloger, OperatingSystemFact } from './cataloger.js';
import type { MergedLayers, VisibleLink } from './merge-layers.js';

/** Where each kind of package database lies, for the words of an unknown. */
const databases: Readonly<Record<string, { readonly type: string; readonly paths: string }>> = {
  apk: { type: 'apk', paths: 'lib/apk/db/installed' },
  deb: { type: 'dpkg', paths: 'var/lib/dpkg/status' },
};
const otherDatabase = { type: 'rpm', paths: 'var/lib/rpm' };

/** What of an image's operating system could not be assessed. `found`: as the image names it, whatever was asked for. */
export function systemUnknowns(facts: {
  readonly found: OperatingSystem | undefined;
  readonly isOverridden: boolean;
  readonly unrecognized: OperatingSystemFact | undefined;
  readonly merged: MergedLayers;
}): readonly Unknown[] {
  const { found, unrecognized, merged } = facts;
  const lists = merged.lists.map(({ list }) => list).filter((list) => list.kind === 'os');
  if (!found) {
    // Packages without a system: matching says that it cannot judge them.
    const isSaid = facts.isOverridden || (!unrecognized && lists.some((list) => list.packages.length > 0));
    return isSaid ? [] : [nothingNamed(unrecognized)];
  }
  const database = databases[distributionOf(found.family)?.purl.type ?? ''] ?? otherDatabase;
  const ofDatabase = lists.filter((list) => list.type === database.type);
  const troubled = merged.unknowns.some((each) => isPackageDatabase(each.cataloger));
  if (troubled) return [];
  const system = `${found.family} ${found.name}`.trim();
  if (ofDatabase.length === 0) {
    const reason = `the image names ${system}, but its package database (${database.paths}) is not there: no OS package was assessed`;
    return [{ code: 'PACKAGE_DATABASE_MISSING', subject: database.paths, reason }];
  }
  if (ofDatabase.some((list) => list.packages.length > 0)) return [];
  const reason = `the package database of ${system} lists no package: no OS package was assessed`;
  return [{ code: 'NO_PACKAGES', subject: ofDatabase[0]?.path ?? database.paths, reason }];
}

function nothingNamed(unrecognized: OperatingSystemFact | undefined): Unknown {
  if (unrecognized?.unrecognized !== undefined) {
    const reason = `${unrecognized.path} names a distribution that is not known here (${unrecognized.unrecognized}): no OS package was assessed`;
    return { code: 'UNSUPPORTED_OS', subject: unrecognized.unrecognized, reason };
  }
  const reason =
    'nothing names a distribution and there is no package database: what the image holds of one was not assessed';
  return { code: 'NO_OS', subject: 'operating system', reason };
}

function isPackageDatabase(name: string | undefined): boolean {
  const cataloger = catalogers.find((each) => nameOf(each) === name);
  return cataloger?.kind === 'os' && cataloger.tells === 'packages';
}

/** Does it matter to whoever asks for language packages only? What no cataloger is named for may. */
export function mayConcernLanguages({ cataloger }: Unknown): boolean {
  return cataloger === undefined || catalogers.find((each) => nameOf(each) === cataloger)?.kind !== 'os';
}

/**
 * Links in the place of files that would have been cataloged, and that lead to nothing that was. Links are resolved
 * inside the root, as far as the links themselves are known; folders that are links are not.
 */
export function linkUnknowns(merged: MergedLayers, read: ReadonlySet<string>): readonly Unknown[] {
  const targets = new Map(merged.links.map((link) => [link.path, link.target]));
  return merged.links.flatMap((link) => {
    const cataloger = catalogers.find((each) => each.wants(link.path) && declares(each, link.path));
    if (!cataloger) return [];
    const target = resolve(link, targets);
    if (target !== undefined && (read.has(target) || isReadAnyway(cataloger, target))) return [];
    const reason = `it is a link to ${JSON.stringify(link.target.slice(0, 200))}, which leads to no file that was read: what it stands for was not assessed`;
    return [{ code: 'LINK_UNRESOLVED' as const, subject: link.path, reason, cataloger: nameOf(cataloger) }];
  });
}

/** Language packages are found wherever they lie: the file that such a link means was read in its own place. */
function isReadAnyway(cataloger: Cataloger, target: string): boolean {
  return cataloger.kind === 'language' && cataloger.wants(target);
}

/** `undefined`: the links go round in circles. */
function resolve(link: VisibleLink, targets: ReadonlyMap<string, string>): string | undefined {
  let path = link.path;
  for (let hops = 0; hops < 40; hops++) {
    const target = targets.get(path);
    if (target === undefined) return path;
    const parts = target.startsWith('/') ? [] : path.split('/').slice(0, -1);
    for (const part of target.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    path = parts.join('/');
  }
  return undefined;
}

/** In a fixed order: by code, then by what they are about; the same thing once. */
export function sortUnknowns(unknowns: readonly Unknown[]): readonly Unknown[] {
  const unique = new Map(unknowns.map((each) => [`${each.code} ${each.subject} ${each.reason}`, each]));
  return [...unique.values()].sort(
    (a, b) => unknownCodes.indexOf(a.code) - unknownCodes.indexOf(b.code) || compareText(a.subject, b.subject),
  );
}
