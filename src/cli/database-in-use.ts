import { openDatabase, openInstalledDatabase, type OpenedDatabase } from '../advisories/index.js';
import { starterDatabasePath } from '../scan/index.js';

/**
 * The database that a scan with these settings would use.
 * @throws AdvisoryError when there is none, or it is damaged.
 */
export function openDatabaseInUse(where: {
  readonly path: string | undefined;
  readonly cacheDir: string | undefined;
}): OpenedDatabase {
  if (where.path !== undefined) return openDatabase(where.path, { kind: 'file' });
  const installed = where.cacheDir === undefined ? undefined : openInstalledDatabase(where.cacheDir);
  return installed ?? openDatabase(starterDatabasePath(), { kind: 'starter' });
}
