import { FormatError } from '../core/index.js';
import { asNumber, asObject, asString, asStrings, parseJson } from '../formats/index.js';

/** The one top-level bucket that is ours; other readers of the format pass it by. */
export const ownBucketName = 'tidewaiter';
export const metaKey = 'meta';
export const coverageBucketName = 'coverage';

const maxOwnRecordBytes = 64 * 1024 * 1024;

/** What `buildDatabase` writes about a database. */
export interface DatabaseMeta {
  readonly kind: 'starter' | 'built';
  /** RFC 3339. */
  readonly updatedAt?: string | undefined;
  /** Version of the program that built it. */
  readonly toolVersion?: string | undefined;
  /** Which feeds were read, and how many files of each. */
  readonly feeds: readonly { readonly feed: string; readonly files: number }[];
}

export function encodeDatabaseMeta(meta: DatabaseMeta): string {
  return JSON.stringify(meta);
}

/** @throws FormatError if the record is none. */
export function decodeDatabaseMeta(bytes: Uint8Array): DatabaseMeta {
  const record = asObject(parseJson(bytes, { maxBytes: maxOwnRecordBytes }));
  if (!record) throw new FormatError('INVALID', 'its description of itself is not a JSON object');
  const feeds = Array.isArray(record.feeds) ? record.feeds : [];
  return {
    kind: record.kind === 'starter' ? 'starter' : 'built',
    updatedAt: asString(record.updatedAt),
    toolVersion: asString(record.toolVersion),
    feeds: feeds.flatMap((item) => {
      const feed = asObject(item);
      return feed ? [{ feed: asString(feed.feed) ?? '', files: asNumber(feed.files) ?? 0 }] : [];
    }),
  };
}

/** The reviewed packages of one scope. @throws FormatError if the record is no list of names. */
export function decodeCoverage(bytes: Uint8Array): readonly string[] {
  const names = asStrings(parseJson(bytes, { maxBytes: maxOwnRecordBytes }));
  // Taken for "no list", a broken record would call everything reviewed.
  if (!names) throw new FormatError('INVALID', 'its list of reviewed packages is no list of names');
  return names;
}
