import { FormatError } from '../core/index.js';
import { type BoltBucketWriter, BoltWriter, compareBytes } from '../formats/index.js';
import { isRejected, mergeDetails, overlayRecord, type SourceDetail, type VulnerabilityRecord } from './details.js';
import type { BucketDraft, DatabaseDraft } from './draft.js';
import type { FileSink } from './file-sink.js';
import { coverageBucketName, type DatabaseMeta, encodeDatabaseMeta, metaKey, ownBucketName } from './own-bucket.js';
import type { RecordSpool } from './record-spool.js';

/** What was written. */
export interface WrittenDraft {
  readonly sizeBytes: number;
  /** Pairs of bucket and package. */
  readonly packages: number;
  readonly advisories: number;
  readonly vulnerabilities: number;
  /** Vulnerabilities that were withdrawn and left out with their advisories. */
  readonly rejected: number;
}

export interface WriteDraftOptions {
  readonly spool: RecordSpool;
  readonly sink: FileSink;
  readonly meta: DatabaseMeta;
  /** Told after every top-level bucket; may pause the work. */
  readonly onStep: (done: number, total: number) => Promise<void>;
}

/** Writes a draft as a database; the same draft gives the same bytes. */
export async function writeDraft(draft: DatabaseDraft, options: WriteDraftOptions): Promise<WrittenDraft> {
  const { spool, sink, meta } = options;
  const writer = new BoltWriter(sink);
  const mentioned = mentionedIds(draft);
  const rejected = rejectedIds(draft, spool, mentioned);
  const counts = { packages: 0, advisories: 0, vulnerabilities: 0 };
  const buckets = topLevel(draft);
  let done = 0;
  for (const { key, text } of inByteOrder(buckets)) {
    writer.root.bucket(key, (bucket) => {
      if (text === 'vulnerability')
        counts.vulnerabilities = writeVulnerabilities(draft, { bucket, spool, mentioned, rejected });
      else if (text === 'data-source') writeDataSources(draft, bucket);
      else if (text === ownBucketName) writeOwn(draft, bucket, meta);
      else writeBucket(draft.buckets.get(text), { bucket, rejected, counts });
    });
    await options.onStep(++done, buckets.length);
  }
  return { sizeBytes: writer.finish(), ...counts, rejected: rejected.size };
}

function topLevel(draft: DatabaseDraft): readonly string[] {
  return [...new Set([...draft.buckets.keys(), 'vulnerability', 'data-source', ownBucketName])];
}

interface Sorted {
  readonly text: string;
  readonly key: Uint8Array;
}

const encoder = new TextEncoder();

function inByteOrder(texts: Iterable<string>): readonly Sorted[] {
  return [...texts].map((text) => ({ text, key: encoder.encode(text) })).sort((a, b) => compareBytes(a.key, b.key));
}

/** Every vulnerability that an advisory speaks of, or that came ready-made. */
function mentionedIds(draft: DatabaseDraft): ReadonlySet<string> {
  const ids = new Set<string>(draft.vulnerabilities.keys());
  for (const { nested } of draft.buckets.values()) {
    for (const records of nested.values()) {
      for (const id of records.keys()) ids.add(id);
    }
  }
  return ids;
}

function rejectedIds(draft: DatabaseDraft, spool: RecordSpool, mentioned: ReadonlySet<string>): ReadonlySet<string> {
  const rejected = new Set<string>();
  for (const id of mentioned) {
    if (detailsOf(draft, spool, id).some(isRejected)) rejected.add(id);
  }
  return rejected;
}

function detailsOf(draft: DatabaseDraft, spool: RecordSpool, id: string): readonly SourceDetail[] {
  return (draft.details.get(id) ?? []).map((place) => JSON.parse(spool.read(place)) as SourceDetail);
}

interface VulnerabilityJob {
  readonly bucket: BoltBucketWriter;
  readonly spool: RecordSpool;
  readonly mentioned: ReadonlySet<string>;
  readonly rejected: ReadonlySet<string>;
}

function writeVulnerabilities(draft: DatabaseDraft, job: VulnerabilityJob): number {
  let written = 0;
  for (const { text: id, key } of inByteOrder(job.mentioned)) {
    if (job.rejected.has(id)) continue;
    const json = vulnerabilityOf(draft, job.spool, id);
    if (json === undefined) continue;
    job.bucket.put(key, encoder.encode(json));
    written++;
  }
  return written;
}

function vulnerabilityOf(draft: DatabaseDraft, spool: RecordSpool, id: string): string | undefined {
  const own = draft.vulnerabilities.get(id);
  const details = detailsOf(draft, spool, id);
  if (own !== undefined && details.length === 0) return own;
  const merged = mergeDetails(details);
  const record = own === undefined ? merged : overlayRecord(JSON.parse(own) as VulnerabilityRecord, merged);
  const json = JSON.stringify(record);
  return json === '{}' ? undefined : json;
}

function writeDataSources(draft: DatabaseDraft, bucket: BoltBucketWriter): void {
  for (const { text, key } of inByteOrder(draft.dataSources.keys())) {
    const source = draft.dataSources.get(text);
    if (!source) continue;
    const { id, name, url, baseId } = source;
    bucket.put(key, encoder.encode(JSON.stringify({ ID: id, Name: name, URL: url, BaseID: baseId })));
  }
}

function writeOwn(draft: DatabaseDraft, bucket: BoltBucketWriter, meta: DatabaseMeta): void {
  const scopes = draft.listedScopes();
  if (scopes.size > 0) {
    bucket.bucket(encoder.encode(coverageBucketName), (coverage) => {
      for (const { text, key } of inByteOrder(scopes.keys())) {
        const names = [...(scopes.get(text) ?? [])].sort();
        coverage.put(key, encoder.encode(JSON.stringify(names)));
      }
    });
  }
  bucket.put(encoder.encode(metaKey), encoder.encode(encodeDatabaseMeta(meta)));
}

interface BucketJob {
  readonly bucket: BoltBucketWriter;
  readonly rejected: ReadonlySet<string>;
  readonly counts: { packages: number; advisories: number };
}

/** Pairs and packages of one bucket, in one order of their keys. */
function writeBucket(draft: BucketDraft | undefined, job: BucketJob): void {
  if (!draft) return;
  const both = [...draft.pairs.keys()].find((key) => draft.nested.has(key));
  if (both !== undefined) throw new FormatError('INVALID', `"${both}" is both a bucket and a key`);
  for (const { text, key } of inByteOrder([...draft.pairs.keys(), ...draft.nested.keys()])) {
    const pair = draft.pairs.get(text);
    if (pair !== undefined) job.bucket.put(key, encoder.encode(pair));
    else writePackage(key, draft.nested.get(text) ?? new Map(), job);
  }
}

function writePackage(key: Uint8Array, records: ReadonlyMap<string, string>, job: BucketJob): void {
  const ids = inByteOrder([...records.keys()].filter((id) => !job.rejected.has(id)));
  if (ids.length === 0) return;
  job.bucket.bucket(key, (bucket) => {
    for (const id of ids) bucket.put(id.key, encoder.encode(records.get(id.text) ?? ''));
  });
  job.counts.packages++;
  job.counts.advisories += ids.length;
}
