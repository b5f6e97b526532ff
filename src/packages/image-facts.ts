import type { OperatingSystem, Package, PackageRepository } from '../ecosystems/index.js';
import type { Unknown } from '../findings/index.js';

/** What an image holds: its layers squashed by the overlay rules. */
export interface ImageFacts {
  /** Absent: nothing names an OS and there is no OS package. Family `none`: OS packages without an OS. */
  readonly operatingSystem?: OperatingSystem | undefined;
  readonly repository?: PackageRepository | undefined;
  /** OS packages of every package database of the image, sorted. */
  readonly osPackages: readonly PlacedPackage[];
  /** One an application, sorted by target. */
  readonly applications: readonly Application[];
  readonly unknowns: readonly Unknown[];
}

/** A package and where it came from. */
export interface PlacedPackage {
  readonly package: Package;
  /** `pkg:...`; absent where the type has none or the OS is not known. */
  readonly purl?: string | undefined;
  /** 16 hex digits, stable, unique in one report. */
  readonly uid: string;
  /** Index of the lowest layer that holds this same package. */
  readonly layerIndex: number;
  /** Id of the cataloger's type: `apk`, `dpkg`, `node-pkg`, `python-pkg`. */
  readonly analyzedBy: string;
}

export interface Application {
  /** Application type: `node-pkg`, `python-pkg`. */
  readonly type: string;
  /** Target as reports print it: `Node.js`, `Python`, or the file. */
  readonly target: string;
  readonly packages: readonly PlacedPackage[];
}
