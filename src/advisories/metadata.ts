import { dirname, join } from 'node:path';
import { FormatError } from '../core/index.js';
import { asNumber, asObject, asString, parseJson } from '../formats/index.js';
import { readSmallFile } from './file-access.js';

/** The schema version that this program reads and writes. */
export const schemaVersion = 2;

export const databaseFileName = 'trivy.db';
export const metadataFileName = 'metadata.json';

/** A longer `metadata.json` is refused. */
export const maxMetadataBytes = 64 * 1024;

/** What `metadata.json` says; times are RFC 3339, absent where the file has none or the zero time. */
export interface Metadata {
  readonly version: number;
  readonly updatedAt?: string | undefined;
  readonly nextUpdate?: string | undefined;
  readonly downloadedAt?: string | undefined;
}

/** @throws FormatError if the bytes are no such document. */
export function decodeMetadata(bytes: Uint8Array): Metadata {
  const document = asObject(parseJson(bytes, { maxBytes: maxMetadataBytes }));
  if (!document) throw new FormatError('INVALID', `${metadataFileName} is not a JSON object`);
  return {
    version: asNumber(document.Version) ?? 0,
    updatedAt: time(asString(document.UpdatedAt)),
    nextUpdate: time(asString(document.NextUpdate)),
    downloadedAt: time(asString(document.DownloadedAt)),
  };
}

/** One line, members in the order in which other tools write them. */
export function encodeMetadata(metadata: Metadata): string {
  const { version, nextUpdate, updatedAt, downloadedAt } = metadata;
  return `${JSON.stringify({
    Version: version,
    NextUpdate: nextUpdate ?? zeroTime,
    UpdatedAt: updatedAt ?? zeroTime,
    DownloadedAt: downloadedAt ?? zeroTime,
  })}\n`;
}

const zeroTime = '0001-01-01T00:00:00Z';

function time(text: string | undefined): string | undefined {
  return text === undefined || text.startsWith('0001-01-01T00:00:00') || Number.isNaN(Date.parse(text))
    ? undefined
    : text;
}

/** The `metadata.json` in the folder of a database file, if there is one. */
export function readMetadataBeside(databaseFile: string): Metadata | undefined {
  const bytes = readSmallFile(join(dirname(databaseFile), metadataFileName), maxMetadataBytes);
  return bytes && decodeMetadata(bytes);
}
