/** When a vulnerability of a package was seen first, and last (give or take a month). */
export interface SeenTimes {
  readonly firstMs: number;
  readonly lastMs: number;
}
/** What is known of one repository, by `seenKey`. */
export interface SeenRecord {
  /** `registry/repository`. */
  readonly repository: string;
  /** When a record before this one turned out to be unreadable; what was in it is not known. */
  readonly damagedAtMs?: number | undefined;
  readonly seen: ReadonlyMap<string, SeenTimes>;
}
export declare const maxRecordBytes: number;
/** Of one repository. */
export declare const maxSeen = 20000;
/** Nothing for what is no name: too long, or of several lines. */
export declare function seenKey(vulnerabilityId: string, packageName: string): string | undefined;
/** One line for each, so that people can read it, too. */
export declare function encodeSeenRecord({ repository, damagedAtMs, seen }: SeenRecord): string;
/** @throws FormatError for anything that is no such record of this repository */
export declare function parseSeenRecord(bytes: Uint8Array, repository: string): SeenRecord;
/** What either knows: the earlier first and the later last time. */
export declare function mergeSeen(a: SeenRecord, b: ReadonlyMap<string, SeenTimes>): SeenRecord;
/**
 * At most `maxSeen` entries: past that, those go that were not seen for longer than `forgetMs`, and if that is not enough,
 * the newest, which then have no time: forgetting old ones would give them a new grace.
 */
export declare function boundSeen(record: SeenRecord, nowMs: number, forgetMs: number): SeenRecord;
