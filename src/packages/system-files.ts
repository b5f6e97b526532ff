import type { Package } from '../ecosystems/index.js';
import type { PackageList } from './cataloger.js';
import type { LayerFacts } from './layer-facts.js';
import { isUnread } from './unread-lists.js';

/** A list that is reported unless an upper layer hides it. */
export interface VisibleList {
  readonly list: PackageList;
  /**
   * It is not reported if an OS package that is still installed owns the path, in whatever layer: the path was an OS
   * package's in a lower layer and still declares the same, or what it declares is not known.
   */
  readonly mayBeSystemFile: boolean;
}

/** Files that come with Python itself on distributions whose packages do not list them. */
const alwaysOwned = [
  'usr/lib/python2.7/argparse.egg-info',
  'usr/lib/python2.7/lib-dynload/Python-2.7.egg-info',
  'usr/lib/python2.7/wsgiref.egg-info',
];

/** Which language packages are an OS package's own, and so must not be reported a second time. */
export class SystemFiles {
  readonly #layers: readonly (readonly VisibleList[])[];

  /** `keepAll`: report them all the same. */
  constructor(layers: readonly LayerFacts[], keepAll: boolean) {
    const dropped = new Map<string, Set<string>>();
    this.#layers = layers.map((layer) =>
      keepAll
        ? layer.lists.map((list) => ({ list, mayBeSystemFile: false }))
        : sift(layer.lists, new Set([...alwaysOwned, ...layer.ownedFiles]), dropped),
    );
  }

  /** The lists of one layer without what is an OS package's by the databases of that same layer. */
  visibleLists(layerIndex: number): readonly VisibleList[] {
    return this.#layers[layerIndex] ?? [];
  }
}

/** `dropped`: path to what it declared, of all that was dropped in this layer and those below it. */
function sift(
  lists: readonly PackageList[],
  owned: ReadonlySet<string>,
  dropped: Map<string, Set<string>>,
): readonly VisibleList[] {
  const kept: VisibleList[] = [];
  for (const list of lists) {
    if (list.kind === 'os') {
      kept.push({ list, mayBeSystemFile: false });
      continue;
    }
    const packages = owned.has(list.path) ? [] : list.packages.filter((each) => !owned.has(each.filePath ?? ''));
    for (const each of list.packages) {
      if (packages.includes(each)) continue;
      const known = dropped.get(list.path) ?? new Set();
      dropped.set(list.path, known.add(declared(each)));
    }
    if (packages.length === 0) continue;
    const before = dropped.get(list.path);
    const repeats = before !== undefined && packages.every((each) => before.has(declared(each)));
    const mayBeSystemFile = repeats || isUnread(list);
    kept.push({ list: packages.length === list.packages.length ? list : { ...list, packages }, mayBeSystemFile });
  }
  return kept;
}

function declared({ name, version }: Package): string {
  return `${name}@${version}`;
}

/** Of these paths, those that an official OS package of some layer owns which is still installed in the image. */
export function ownedInTheEnd(
  paths: ReadonlySet<string>,
  layers: readonly LayerFacts[],
  installed: readonly Package[],
): ReadonlySet<string> {
  const owned = new Set<string>();
  if (paths.size === 0) return owned;
  const names = new Set(installed.map((each) => each.name));
  for (const layer of layers) {
    for (const list of layer.lists) {
      if (list.kind !== 'os') continue;
      for (const each of list.packages) {
        if (each.origin === 'third-party' || !names.has(each.name)) continue;
        for (const file of each.installedFiles ?? []) {
          const path = file.startsWith('/') ? file.slice(1) : file;
          if (paths.has(path)) owned.add(path);
        }
      }
    }
  }
  return owned;
}
