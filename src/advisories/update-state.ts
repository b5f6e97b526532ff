import { statSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '../core/index.js';
import { readSmallFile } from './file-access.js';
import { findInstalledDatabase, type InstalledDatabase } from './installed.js';
import {
  databaseFileName,
  decodeMetadata,
  maxMetadataBytes,
  type Metadata,
  metadataFileName,
  schemaVersion,
} from './metadata.js';
import { type DatabaseOrigin, readUpdateRecord, type UpdateAttempt } from './update-record.js';

const hourMs = 60 * 60 * 1000;

/** What is installed, where it came from, and whether a newer one should be asked for. */
export interface UpdateState {
  readonly installed: InstalledDatabase | undefined;
  readonly metadata: Metadata | undefined;
  /** Absent for what the user installed from a file. */
  readonly origin: DatabaseOrigin | undefined;
  readonly attempt: UpdateAttempt | undefined;
  /**
   * `absent`: nothing is installed, or it is damaged. `unproven`: nothing says when it was downloaded. `other-schema`:
   * of an older schema. `outdated`: a newer one should be there. `current`: none of these.
   */
  readonly freshness: 'absent' | 'unproven' | 'other-schema' | 'outdated' | 'current';
}

/** Looks at a few small files; a database of a newer schema is `current`, because opening it says what is wrong. */
export function readUpdateState(cacheDir: string, now: Date): UpdateState {
  const { origins, attempt } = readUpdateRecord(cacheDir);
  const { installed, metadata } = lookAt(cacheDir);
  if (!installed) return { installed, metadata, origin: undefined, attempt, freshness: 'absent' };
  const own = origins?.find(({ id }) => id === installed.id);
  // Looking for a newer one and finding none counts like a download.
  const checkedAt = own && attempt && attempt.failure === undefined ? attempt.at : undefined;
  return { installed, metadata, origin: own, attempt, freshness: freshnessOf(metadata, checkedAt, now) };
}

function lookAt(cacheDir: string): Pick<UpdateState, 'installed' | 'metadata'> {
  try {
    const installed = findInstalledDatabase(cacheDir);
    const sizeBytes = installed && statSync(join(installed.path, databaseFileName)).size;
    if (sizeBytes === 0) throw new FormatError('TRUNCATED', 'the database is empty');
    const bytes = installed && readSmallFile(join(installed.path, metadataFileName), maxMetadataBytes);
    return { installed, metadata: bytes && decodeMetadata(bytes) };
  } catch {
    // Whatever is damaged: opening it says so, and a download replaces it.
    return { installed: undefined, metadata: undefined };
  }
}

function freshnessOf(
  metadata: Metadata | undefined,
  checkedAt: string | undefined,
  now: Date,
): UpdateState['freshness'] {
  if (!metadata || metadata.downloadedAt === undefined) return 'unproven';
  if (metadata.version !== schemaVersion) return metadata.version > schemaVersion ? 'current' : 'other-schema';
  const isBefore = (time: string | undefined, laterMs: number): boolean =>
    time !== undefined && now.getTime() < Date.parse(time) + laterMs;
  if (isBefore(metadata.nextUpdate, 0)) return 'current';
  return isBefore(metadata.downloadedAt, hourMs) || isBefore(checkedAt, hourMs) ? 'current' : 'outdated';
}
