import { hash } from 'node:crypto';
import { type OperatingSystem, type Package, purlOf } from '../ecosystems/index.js';
import type { PackageList } from './cataloger.js';
import type { PlacedPackage } from './image-facts.js';
import { compareText } from '../findings/index.js';
import type { PackageOrigins } from './package-origins.js';

const relationships = ['root', 'workspace', 'direct', 'indirect', 'unknown'];

/** Gives packages their place in an image. */
export class Placer {
  readonly #uids = new Set<string>();
  readonly #origins: PackageOrigins;
  readonly #licenses: ReadonlyMap<string, readonly string[]>;
  readonly #operatingSystem: OperatingSystem | undefined;

  constructor(facts: {
    readonly origins: PackageOrigins;
    /** dpkg's, by package name. */
    readonly licenses: ReadonlyMap<string, readonly string[]>;
    readonly operatingSystem: OperatingSystem | undefined;
  }) {
    this.#origins = facts.origins;
    this.#licenses = facts.licenses;
    this.#operatingSystem = facts.operatingSystem;
  }

  /** The packages of one list, in its order. */
  place(list: PackageList): readonly PlacedPackage[] {
    return list.packages.map((each) => {
      const origin = this.#origins.of(list, each);
      const licenses = list.type === 'dpkg' ? this.#licenses.get(each.name) : each.licenses;
      const complete = completed(each, origin.found, licenses);
      return {
        package: complete,
        purl: purlOf(complete, { type: list.type, operatingSystem: this.#operatingSystem }),
        uid: this.#uid(complete, list.type),
        layerIndex: origin.layerIndex,
        analyzedBy: list.type,
      };
    });
  }

  /** The first half of a hash over what tells packages apart; a counter where two are the same in all of it. */
  #uid({ filePath, name, version, release, epoch, arch }: Package, type: string): string {
    const parts = [filePath ?? '', type, name, version, release ?? '', epoch ?? 0, arch ?? ''];
    for (let round = 0; ; round++) {
      const text = JSON.stringify(round === 0 ? parts : [...parts, round]);
      const uid = hash('sha256', text).slice(0, 16);
      if (this.#uids.has(uid)) continue;
      this.#uids.add(uid);
      return uid;
    }
  }
}

/** Every member but the files, so that a new one cannot be forgotten here. */
type Members = { [Key in Exclude<keyof Package, 'installedFiles'>]-?: Package[Key] };

/**
 * The package with its members in one order, whether its facts were just made or had been kept. The origin layer tells
 * the files; they are long and may be decoded on demand, so the property moves, not its value.
 */
function completed(each: Package, origin: Package, licenses: Package['licenses']): Package {
  const members: Members = {
    id: each.id,
    name: each.name,
    version: each.version,
    release: each.release,
    epoch: each.epoch,
    arch: each.arch,
    source: each.source,
    licenses: licenses && licenses.length > 0 ? licenses : undefined,
    maintainer: each.maintainer,
    modularityLabel: each.modularityLabel,
    origin: each.origin,
    dev: each.dev,
    relationship: each.relationship,
    dependsOn: each.dependsOn,
    filePath: each.filePath,
    digest: each.digest,
  };
  const files =
    Object.getOwnPropertyDescriptor(origin, 'installedFiles') ??
    Object.getOwnPropertyDescriptor(each, 'installedFiles');
  return files ? Object.defineProperty<Package>(members, 'installedFiles', files) : members;
}

/** By relationship, name, version, id, file. */
export function byPackage({ package: a }: PlacedPackage, { package: b }: PlacedPackage): number {
  return (
    rank(a) - rank(b) ||
    compareText(a.name, b.name) ||
    compareText(a.version, b.version) ||
    compareText(a.id, b.id) ||
    compareText(a.filePath ?? '', b.filePath ?? '')
  );
}

function rank({ relationship = 'unknown' }: Package): number {
  return relationships.indexOf(relationship);
}
