import type { OperatingSystem, Package, PackageRepository } from '../ecosystems/index.js';

/** A file of one layer that a cataloger asked for. `bytes` is valid during the call only. */
export interface CatalogedFile {
  /** Clean, relative to the image root. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8, invalid sequences replaced; decoded once. */
  text(): string;
}

/** What one cataloger found in one layer. All members are optional; order is the layer's. */
export interface Cataloged {
  readonly lists?: readonly PackageList[] | undefined;
  readonly operatingSystems?: readonly OperatingSystemFact[] | undefined;
  readonly repository?: PackageRepository | undefined;
  /** Paths that official OS packages of this layer own, relative to the image root. */
  readonly ownedFiles?: readonly string[] | undefined;
  /** dpkg's copyright files: package name to licences. */
  readonly licenses?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Files whose content was not what the format promises: the driver makes unknowns of them. */
  readonly problems?: readonly CatalogProblem[] | undefined;
}

/** Packages that one file of a layer declares. An upper layer's list of the same path and type replaces it. */
export interface PackageList {
  readonly path: string;
  /** Type as reports spell it: `apk`, `dpkg`, `node-pkg`, `python-pkg`. */
  readonly type: string;
  readonly kind: 'os' | 'language';
  readonly packages: readonly Package[];
}

/** What one release file says. Without a family it names nothing that we know: see `unrecognized`. */
export interface OperatingSystemFact extends Partial<OperatingSystem> {
  readonly path: string;
  /** A distribution that the file names and that we do not know, in its own words. */
  readonly unrecognized?: string | undefined;
}

export interface CatalogProblem {
  readonly code:
    | 'PACKAGE_DATABASE_CORRUPT'
    | 'PACKAGE_DATABASE_UNSUPPORTED'
    | 'PACKAGE_UNREADABLE'
    | 'PACKAGES_UNSUPPORTED'
    | 'FILE_UNREADABLE'
    | 'VERSION_UNPARSABLE';
  readonly path: string;
  readonly reason: string;
}

/** Finds packages (or the operating system) in the files of one layer. Never walks, logs or catches. */
export interface Cataloger {
  readonly id: string;
  /** Raise it when results change: facts kept by an older version are then not used. */
  readonly version: number;
  readonly kind: 'os' | 'language';
  /** Type of the packages that it finds, as reports spell it: its unknowns name it so too. */
  readonly type?: string;
  /** What its files tell: `packages`, `release` (the operating system), or `details` about packages found elsewhere. */
  readonly tells: 'packages' | 'release' | 'details';
  /** Bytes that one of its files may have; more is an unknown. 0: it wants to know of the file, not its bytes. */
  readonly maxBytes: number;
  /** Called for each file and link of a layer: decide fast, without regular expressions that backtrack. */
  wants(path: string): boolean;
  /** Of the wanted paths, those without which packages or the system would be missed; absent: all of them. */
  declares?(path: string): boolean;
  /** A new session a layer, so that a cataloger itself holds no state. */
  start(): CatalogSession;
}

export interface CatalogSession {
  /** Each wanted file, in the layer's order; of a path that comes twice the later counts. A throw becomes an unknown. */
  file(file: CatalogedFile): void;
  /** Each wanted path, for a cataloger whose `maxBytes` is 0. */
  present?(path: string): void;
  /** Called once, after the last file. */
  finish(): Cataloged;
}
