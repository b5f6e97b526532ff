import { FormatError } from '../core/index.js';
import { asArray, asNumber, asObject, asString, parseJson } from '../formats/index.js';

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

export const maxRecordBytes: number = 8 * 1024 * 1024;
/** Of one repository. */
export const maxSeen = 20_000;
const maxNameLength = 300;
const formatVersion = 1;

/** Nothing for what is no name: too long, or of several lines. */
export function seenKey(vulnerabilityId: string, packageName: string): string | undefined {
  return isName(vulnerabilityId) && isName(packageName) ? `${vulnerabilityId}\n${packageName}` : undefined;
}

function isName(text: string): boolean {
  return text.length <= maxNameLength && !text.includes('\n');
}

/** One line for each, so that people can read it, too. */
export function encodeSeenRecord({ repository, damagedAtMs, seen }: SeenRecord): string {
  const lines = [...seen].map(([key, { firstMs, lastMs }]) => {
    const [id = '', name = ''] = key.split('\n');
    return JSON.stringify([id, name, isoOf(firstMs), isoOf(lastMs)]);
  });
  const head = JSON.stringify({
    version: formatVersion,
    repository,
    ...(damagedAtMs === undefined ? {} : { damagedAt: isoOf(damagedAtMs) }),
  }).slice(0, -1);
  return `${head},"seen":[\n${lines.join(',\n')}\n]}\n`;
}

/** @throws FormatError for anything that is no such record of this repository */
export function parseSeenRecord(bytes: Uint8Array, repository: string): SeenRecord {
  const root = asObject(parseJson(bytes, { maxBytes: maxRecordBytes, maxDepth: 4 }));
  const lines = asArray(root?.seen);
  if (!root || !lines || asNumber(root.version) !== formatVersion || root.repository !== repository) {
    throw new FormatError('INVALID', 'it is no record of this repository');
  }
  const seen = new Map<string, SeenTimes>();
  for (const line of lines) {
    const [id, name, first, last] = (asArray(line) ?? []).map(asString);
    const key = id === undefined || name === undefined ? undefined : seenKey(id, name);
    if (key === undefined || seen.size >= maxSeen) throw new FormatError('INVALID', 'an entry of it is none');
    seen.set(key, { firstMs: momentOf(first), lastMs: momentOf(last) });
  }
  const damagedAtMs = root.damagedAt === undefined ? undefined : momentOf(asString(root.damagedAt));
  return { repository, damagedAtMs, seen };
}

/** What either knows: the earlier first and the later last time. */
export function mergeSeen(a: SeenRecord, b: ReadonlyMap<string, SeenTimes>): SeenRecord {
  const seen = new Map(a.seen);
  for (const [key, { firstMs, lastMs }] of b) {
    const known = seen.get(key);
    seen.set(key, {
      firstMs: Math.min(firstMs, known?.firstMs ?? firstMs),
      lastMs: Math.max(lastMs, known?.lastMs ?? lastMs),
    });
  }
  return { ...a, seen };
}

/**
 * At most `maxSeen` entries: past that, those go that were not seen for longer than `forgetMs`, and if that is not enough,
 * the newest, which then have no time: forgetting old ones would give them a new grace.
 */
export function boundSeen(record: SeenRecord, nowMs: number, forgetMs: number): SeenRecord {
  if (record.seen.size <= maxSeen) return record;
  const left = [...record.seen].filter(([, { lastMs }]) => nowMs - lastMs <= forgetMs);
  const oldestFirst = left.sort(([, a], [, b]) => a.firstMs - b.firstMs);
  return { ...record, seen: new Map(oldestFirst.slice(0, maxSeen)) };
}

function momentOf(text: string | undefined): number {
  const ms = Date.parse(text ?? '');
  if (Number.isNaN(ms)) throw new FormatError('INVALID', 'a time in it is none');
  return ms;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
