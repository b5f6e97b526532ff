import type { PackageRepository } from '../ecosystems/index.js';
import type { Unknown } from '../findings/index.js';
import type { OperatingSystemFact, PackageList } from './cataloger.js';
import type { PathListing } from './path-listing.js';

/** All that one layer tells, whatever image it is part of. Small, serialisable, independent of database and policy. */
export interface LayerFacts {
  readonly uncompressedBytes: number;
  readonly entryCount: number;
  readonly operatingSystems: readonly OperatingSystemFact[];
  readonly repository?: PackageRepository | undefined;
  readonly lists: readonly PackageList[];
  /** Of the files that official OS packages own, those that a language cataloger would read. */
  readonly ownedFiles: readonly string[];
  readonly licenses: ReadonlyMap<string, readonly string[]>;
  /** Wanted paths that are symbolic links in this layer, with their targets as stored. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Every path of the layer with its kind, whiteouts too: all that the overlay rules need. */
  readonly paths: PathListing;
  readonly unknowns: readonly Unknown[];
}
