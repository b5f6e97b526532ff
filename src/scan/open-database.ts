import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openDatabase, openInstalledDatabase, type OpenedDatabase } from '../advisories/index.js';

/**
 * The database of a scan: the one that was named, else the installed one, else the starter database of the package.
 * @throws AdvisoryError when there is none, or it is corrupt: an installed database that is broken is never passed over
 *   for the starter one.
 */
export function openScanDatabase(path: string | undefined, cacheDir: string | undefined): OpenedDatabase {
  if (path !== undefined) return openDatabase(path, { kind: 'file' });
  const installed = cacheDir === undefined ? undefined : openInstalledDatabase(cacheDir);
  return installed ?? openDatabase(starterDatabasePath(), { kind: 'starter' });
}

/** Folder of the starter database: beside the bundle, or in dist/ when run from the sources. */
export function starterDatabasePath(): string {
  const places = ['./starter', '../starter', '../../dist/starter'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? fileURLToPath(new URL('./starter', import.meta.url));
}
