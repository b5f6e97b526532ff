import type { SchemeId } from '../versions/index.js';
import type { OperatingSystem, PackageRepository } from './operating-system.js';

/** All that differs between distributions: one record each, so that nobody switches on a family's name. */
export interface Distribution {
  /** As reports spell it, and as `--distro` takes it. */
  readonly family: string;
  readonly purl: OsPurlRule;
  /** How its packages are matched; absent: not yet, and all of them are reported as not assessed. */
  readonly matching?: DistributionMatching | undefined;
  /** When its releases lose support; absent: they never do, it is a rolling one. */
  readonly endOfLife?: EndOfLifeTable | undefined;
}

/** How the packages of a distribution meet its advisories. */
export interface DistributionMatching {
  readonly scheme: SchemeId;
  /** The database's bucket of a release: `alpine 3.11`. It may turn out not to exist. */
  bucket(question: ReleaseQuestion): string;
  /** Which package advisories are kept by. A package that names no source is its own. */
  readonly lookedUp: 'source' | 'binary';
  /** Which version is held against the fixed one. */
  readonly compared: 'source' | 'binary';
  /** Which version a finding shows. */
  readonly shown: 'source' | 'binary';
  /** What an advisory without a fixed version means: that the package is affected, or nothing. */
  readonly withoutFix: 'affected' | 'silent';
  /** Does an advisory's `affectedVersion` count: the first version that has the flaw? */
  readonly hasAffectedVersion: boolean;
  /** Do its advisories carry a status of their own (`will_not_fix`)? */
  readonly hasStatus: boolean;
  /** Are the ids of the vendor's own advisories shown? */
  readonly hasVendorIds: boolean;
  /** The source id that an advisory's own severity is reported under; absent: such a severity does not count. */
  readonly severitySource?: string | undefined;
  /** Are third-party packages left alone, because the distribution says nothing of them? */
  readonly skipsThirdParty: boolean;
}

/** What decides which release's advisories count. */
export interface ReleaseQuestion {
  readonly operatingSystem: OperatingSystem;
  readonly repository?: PackageRepository | undefined;
  readonly now: Date;
}

export interface OsPurlRule {
  readonly type: string;
  readonly namespace?: string | undefined;
  /** The value of the `distro` qualifier. */
  distro(operatingSystem: OperatingSystem): string;
}

export interface EndOfLifeTable {
  /** Keys of `dates` for a release; the first that is there counts. */
  keys(operatingSystem: OperatingSystem, now: Date): readonly string[];
  /** Key to the last day of support, `YYYY-MM-DD`, or `never`. */
  readonly dates: Readonly<Record<string, string>>;
}

/** Text before the first dot. */
export function majorOf(release: string): string {
  return release.split('.', 1).join('');
}

/** Text before the second dot: `3.17.2` gives `3.17`. */
export function minorOf(release: string): string {
  return release.split('.', 2).join('.');
}
