import { readUpdateState, type OpenedDatabase } from '../advisories/index.js';
import type { DatabaseState } from './database-words.js';

/** What there is to tell of the database that a scan with these settings would use. */
export function describeDatabase(
  database: OpenedDatabase,
  { cacheDir, now }: { readonly cacheDir: string | undefined; readonly now: Date },
): DatabaseState {
  const facts = database.info();
  const kept = facts.kind === 'installed' && cacheDir !== undefined ? readUpdateState(cacheDir, now).origin : undefined;
  const origin = kept && { source: kept.source, downloadedAt: kept.at };
  return { ...facts, sizeBytes: database.sizeBytes, ...(origin ? { origin } : {}) };
}
