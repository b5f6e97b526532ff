import { ecosystemOf, type OperatingSystem, type PackageRepository } from '../ecosystems/index.js';
import { compareText } from '../findings/index.js';
import type { PackageList } from './cataloger.js';
import { operatingSystemOf } from './distribution-of-layers.js';
import type { Application, ImageFacts, PlacedPackage } from './image-facts.js';
import { linkUnknowns, mayConcernLanguages, sortUnknowns, systemUnknowns } from './image-unknowns.js';
import type { LayerFacts } from './layer-facts.js';
import { type MergedLayers, mergeLayers } from './merge-layers.js';
import { PackageOrigins } from './package-origins.js';
import { byPackage, Placer } from './placed-packages.js';
import { ownedInTheEnd, SystemFiles } from './system-files.js';
import { isUnread, unreadUnknowns } from './unread-lists.js';

export interface SquashOptions {
  /** `comprehensive`: language packages that an OS package owns are reported beside it. */
  readonly detectionPriority?: 'precise' | 'comprehensive' | undefined;
  /** What was asked for; without `os` nothing is said of what is not known of the system. Default: both. */
  readonly kinds?: { readonly os: boolean; readonly language: boolean } | undefined;
  /** Takes the place of the operating system that the image names; also of none, where there are OS packages. */
  readonly distro?: OperatingSystem | undefined;
}

/**
 * The layers of an image, bottom first, as one: what upper layers hide is gone, each package knows the lowest layer that
 * has it, and what could not be assessed is said. The order of everything is fixed.
 */
export function squashLayers(layers: readonly LayerFacts[], options: SquashOptions = {}): ImageFacts {
  const system = new SystemFiles(layers, options.detectionPriority === 'comprehensive');
  const merged = mergeLayers(layers, system);
  const named = operatingSystemOf(layers.map((layer) => layer.operatingSystems));
  const repository = layers.map((layer) => layer.repository).findLast((each) => each !== undefined);
  const osLists = withoutRepeats(merged.lists.map(({ list }) => list).filter((list) => list.kind === 'os'));
  const found = named.operatingSystem ?? fromRepository(repository);
  const operatingSystem = chosenSystem(found, options.distro, osLists);
  const placer = new Placer({
    origins: new PackageOrigins(layers, system),
    licenses: merged.licenses,
    operatingSystem,
  });
  const isOverridden = options.distro !== undefined && operatingSystem !== undefined;
  const ofLanguages = languageLists(layers, merged, osLists);
  const ofFiles = [
    ...merged.unknowns,
    ...linkUnknowns(merged, readPaths(layers, merged)),
    ...unreadUnknowns(ofLanguages),
  ];
  const ofSystem = systemUnknowns({ found, isOverridden, unrecognized: named.unrecognized, merged });
  return {
    operatingSystem,
    repository,
    osPackages: osLists.flatMap((list) => placer.place(list)).sort(byPackage),
    applications: applicationsOf(
      ofLanguages.filter((list) => !isUnread(list)),
      placer,
    ),
    unknowns: sortUnknowns(
      options.kinds?.os === false ? ofFiles.filter(mayConcernLanguages) : [...ofFiles, ...ofSystem],
    ),
  };
}

function fromRepository(repository: PackageRepository | undefined): OperatingSystem | undefined {
  return repository && { family: repository.family, name: repository.release };
}

function chosenSystem(
  found: OperatingSystem | undefined,
  distro: OperatingSystem | undefined,
  osLists: readonly PackageList[],
): OperatingSystem | undefined {
  if (found) return distro ?? found;
  return osLists.some((list) => list.packages.length > 0) ? (distro ?? { family: 'none', name: '' }) : undefined;
}

/** Of OS packages with one id, in whatever databases, only the first stays. */
function withoutRepeats(lists: readonly PackageList[]): readonly PackageList[] {
  const seen = new Set<string>();
  return lists.map((list) => {
    const packages = list.packages.filter((each) => {
      const id = each.id || `${each.name}@${each.version}`;
      return !seen.has(id) && seen.add(id);
    });
    return packages.length === list.packages.length ? list : { ...list, packages };
  });
}

/** The visible lists of language packages, without those that are an OS package's still. */
function languageLists(
  layers: readonly LayerFacts[],
  merged: MergedLayers,
  osLists: readonly PackageList[],
): readonly PackageList[] {
  const suspects = new Set(merged.lists.filter((each) => each.mayBeSystemFile).map(({ list }) => list.path));
  const installed = osLists.flatMap((list) => list.packages);
  const owned = ownedInTheEnd(suspects, layers, installed);
  return merged.lists
    .filter((each) => each.list.kind === 'language' && !(each.mayBeSystemFile && owned.has(each.list.path)))
    .map(({ list }) => list);
}

function applicationsOf(lists: readonly PackageList[], placer: Placer): readonly Application[] {
  const applications = new Map<string, Application & { readonly packages: PlacedPackage[] }>();
  for (const list of lists) {
    const target = ecosystemOf(list.type)?.aggregatedTarget ?? list.path;
    const key = `${list.type} ${target}`;
    const application = applications.get(key) ?? { type: list.type, target, packages: [] };
    for (const each of placer.place(list)) application.packages.push(each);
    applications.set(key, application);
  }
  for (const { packages } of applications.values()) packages.sort(byPackage);
  return [...applications.values()].sort((a, b) => compareText(a.target, b.target) || compareText(a.type, b.type));
}

/** Every path whose content was looked at, or of which an unknown speaks already. */
function readPaths(layers: readonly LayerFacts[], merged: MergedLayers): ReadonlySet<string> {
  return new Set([
    ...merged.lists.map(({ list }) => list.path),
    ...merged.unknowns.map((each) => each.subject),
    ...layers.flatMap((layer) => layer.operatingSystems.map((fact) => fact.path)),
  ]);
}
