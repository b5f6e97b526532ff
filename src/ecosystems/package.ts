/** A package as a cataloger found it. Versions are split as the ecosystem splits them. */
export interface Package {
  /**
   * Identifier inside its own list, used by `dependsOn`: `name@version` for most, with epoch and revision for deb;
   * empty where the ecosystem has none (installed Python packages).
   */
  readonly id: string;
  readonly name: string;
  /** apk keeps its `-rN` in here; deb and rpm have the upstream version alone. */
  readonly version: string;
  readonly release?: string | undefined;
  readonly epoch?: number | undefined;
  readonly arch?: string | undefined;
  /** The source (origin) package, which advisories of most distributions name. */
  readonly source?: SourcePackage | undefined;
  readonly licenses?: readonly string[] | undefined;
  readonly maintainer?: string | undefined;
  /** rpm module label, as stored. */
  readonly modularityLabel?: string | undefined;
  /** `third-party` packages are in the inventory but not matched against the distribution's advisories. */
  readonly origin?: 'official' | 'third-party' | undefined;
  readonly dev?: boolean | undefined;
  readonly relationship?: Relationship | undefined;
  /** Ids of packages of the same list, sorted. */
  readonly dependsOn?: readonly string[] | undefined;
  /** The file that describes this very package, relative to the image root; absent for package databases. */
  readonly filePath?: string | undefined;
  /** `algorithm:hex`. */
  readonly digest?: string | undefined;
  /** Paths this package owns, in its database's order. */
  readonly installedFiles?: readonly string[] | undefined;
}

export interface SourcePackage {
  readonly name: string;
  readonly version: string;
  readonly release?: string | undefined;
  readonly epoch?: number | undefined;
}

export type Relationship = 'unknown' | 'root' | 'workspace' | 'direct' | 'indirect';

/** `[epoch:]version[-release]`; an epoch of 0 and an empty release are left out. */
export function formatVersion(parts: Pick<SourcePackage, 'version' | 'release' | 'epoch'>): string {
  const epoch = parts.epoch ? `${parts.epoch}:` : '';
  return parts.release ? `${epoch}${parts.version}-${parts.release}` : `${epoch}${parts.version}`;
}
