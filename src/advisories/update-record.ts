import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '../core/index.js';
import { asArray, asObject, asString, asStrings, type JsonValue, parseJson } from '../formats/index.js';
import { readSmallFile } from './file-access.js';
import { writeWholeFile } from './file-sink.js';
import { databasesFolderName } from './installed.js';

/** What is remembered of downloads, beside the databases. It decides when to ask again, never what a scan finds. */
export interface UpdateRecord {
  /** Of the last database that was downloaded, which may not be in place yet, and of the one in use. */
  readonly origins?: readonly DatabaseOrigin[] | undefined;
  /** The last time that a newer one was looked for. */
  readonly attempt?: UpdateAttempt | undefined;
  /** A download that was begun from a web server: what may go on with it. */
  readonly partial?: PartialDownload | undefined;
}

/** Where a downloaded database came from. */
export interface DatabaseOrigin {
  /** Of the database once it is installed. */
  readonly id: string;
  /** Name of the source. */
  readonly source: string;
  /** Of a registry: digests of the manifest and of its one layer. */
  readonly manifestDigest?: string | undefined;
  readonly layerDigest?: string | undefined;
  /** Of a web server: the `ETag`, or the time of the last change. */
  readonly validator?: string | undefined;
  /** When it was installed; RFC 3339. */
  readonly at: string;
}

export interface UpdateAttempt {
  /** When it ended; RFC 3339. */
  readonly at: string;
  readonly sources: readonly string[];
  /** Why it failed; absent when it did not. */
  readonly failure?: string | undefined;
  /** Nobody asked for it, and it was given up early. */
  readonly automatic?: boolean | undefined;
  /** It failed after seconds of waiting, or a registry asked for patience: not to be tried again soon. */
  readonly costly?: boolean | undefined;
}

export interface PartialDownload {
  /** Name of the source. */
  readonly source: string;
  readonly validator: string;
}

const recordFileName = 'update.json';
/** The one that is about to be in use, and the one that is. */
const keptOrigins = 2;
const maxRecordBytes = 64 * 1024;
const maxFailureLength = 2000;

/** The record with a new origin before the one of the database that is in use, by its id; others go. */
export function withOrigin(record: UpdateRecord, origin: DatabaseOrigin, usedId: string | undefined): UpdateRecord {
  const used = (record.origins ?? []).filter(({ id }) => id === usedId && id !== origin.id);
  return { ...record, origins: [origin, ...used] };
}

/** Nothing is remembered where there is no record, or one that cannot be used: then it is asked once more. */
export function readUpdateRecord(cacheDir: string): UpdateRecord {
  try {
    const bytes = readSmallFile(join(cacheDir, databasesFolderName, recordFileName), maxRecordBytes);
    return bytes ? decodeRecord(bytes) : {};
  } catch {
    return {};
  }
}

/** Throws the file system's own error. */
export function writeUpdateRecord(cacheDir: string, record: UpdateRecord): void {
  const folder = join(cacheDir, databasesFolderName);
  const incoming = join(folder, `.record-${process.pid}-${randomBytes(6).toString('hex')}`);
  const { attempt } = record;
  const failure = attempt?.failure?.slice(0, maxFailureLength);
  const text = `${JSON.stringify({ ...record, ...(attempt ? { attempt: { ...attempt, failure } } : {}) })}\n`;
  mkdirSync(folder, { recursive: true });
  try {
    writeWholeFile(incoming, new TextEncoder().encode(text));
    renameSync(incoming, join(folder, recordFileName));
  } finally {
    rmSync(incoming, { force: true });
  }
}

function decodeRecord(bytes: Uint8Array): UpdateRecord {
  const record = asObject(parseJson(bytes, { maxBytes: maxRecordBytes }));
  if (!record) throw new FormatError('INVALID', 'the record of updates is not a JSON object');
  return {
    origins: (asArray(record.origins) ?? []).slice(0, keptOrigins).flatMap((item) => decodeOrigin(item) ?? []),
    attempt: decodeAttempt(record.attempt),
    partial: decodePartial(record.partial),
  };
}

function decodeOrigin(value: JsonValue | undefined): DatabaseOrigin | undefined {
  const fields = asObject(value);
  const id = asString(fields?.id);
  const source = asString(fields?.source);
  const at = asString(fields?.at);
  if (!fields || id === undefined || source === undefined || at === undefined) return undefined;
  return {
    id,
    source,
    manifestDigest: asString(fields.manifestDigest),
    layerDigest: asString(fields.layerDigest),
    validator: asString(fields.validator),
    at,
  };
}

function decodeAttempt(value: JsonValue | undefined): UpdateAttempt | undefined {
  const fields = asObject(value);
  const at = asString(fields?.at);
  const sources = asStrings(fields?.sources);
  if (!fields || at === undefined || !sources) return undefined;
  return {
    at,
    sources,
    failure: asString(fields.failure),
    automatic: fields.automatic === true,
    costly: fields.costly === true,
  };
}

function decodePartial(value: JsonValue | undefined): PartialDownload | undefined {
  const fields = asObject(value);
  const source = asString(fields?.source);
  const validator = asString(fields?.validator);
  return source === undefined || validator === undefined ? undefined : { source, validator };
}
