import type { Package } from '../ecosystems/index.js';
import type { PackageList } from './cataloger.js';
import type { LayerFacts } from './layer-facts.js';
import type { SystemFiles } from './system-files.js';

/** The lowest layer that has a package, and the package as that layer tells of it. */
export interface PackageOrigin {
  readonly layerIndex: number;
  readonly found: Package;
}

/** Where each package of an image came in: the lowest layer with the same name and version, of language packages in the same file. */
export class PackageOrigins {
  readonly #origins = new Map<string, PackageOrigin>();

  constructor(layers: readonly LayerFacts[], system: SystemFiles) {
    for (const layerIndex of layers.keys()) {
      for (const { list } of system.visibleLists(layerIndex)) {
        for (const found of list.packages) {
          const key = keyOf(list, found);
          if (!this.#origins.has(key)) this.#origins.set(key, { layerIndex, found });
        }
      }
    }
  }

  of(list: PackageList, found: Package): PackageOrigin {
    return this.#origins.get(keyOf(list, found)) ?? { layerIndex: 0, found };
  }
}

function keyOf(list: PackageList, { name, version, release = '' }: Package): string {
  const place = list.kind === 'os' ? '' : `${list.type}\n${list.path}`;
  return `${place}\n${name}\n${version}\n${release}`;
}
