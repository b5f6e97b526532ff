import type { Context } from '../core/index.js';
import type { BuildOptions, BuiltDatabase } from './build.js';
import type { InstalledDatabase } from './installed.js';
import type { PushedDatabase, PushOptions } from './push.js';
import type { UpdatedDatabase, UpdateOptions } from './update.js';

// Feeds, the writer and the unpackers are loaded when a database is made or installed: a scan only reads one.

/**
 * Builds a database from sources of advisories. The same sources and time give the same bytes; the files appear whole or
 * not at all.
 * @throws AdvisoryError `SOURCE_MISSING`, `SOURCE_UNRECOGNISED`, `SOURCE_INVALID`, `DATABASE_UNWRITABLE`
 */
export async function buildDatabase(ctx: Context, options: BuildOptions): Promise<BuiltDatabase> {
  const { buildDatabase: build } = await import('./build.js');
  return await build(ctx, options);
}

/**
 * Installs a database: a database file (with the `metadata.json` beside it), a folder that holds both, or the packed tar
 * archive of both that registries keep. It is checked, hashed block by block and put in place whole; the one before it
 * stays for those who are about to open it.
 * @throws AdvisoryError `DATABASE_MISSING`, `DATABASE_CORRUPT`, `DATABASE_SCHEMA`, `DATABASE_UNREADABLE`,
 * `DATABASE_UNWRITABLE`
 */
export async function importDatabase(ctx: Context, path: string, cacheDir: string): Promise<InstalledDatabase> {
  const { importDatabase: install } = await import('./import.js');
  return await install(ctx, path, cacheDir);
}

/**
 * Fetches the database from the first source that has one, checks it and installs it as `importDatabase` does. Of many
 * processes that ask at once, one downloads and the others wait. Bytes that arrived before a failure or a kill are used
 * the next time. The database in use stays until then.
 * @throws AdvisoryError `UPDATE_FAILED` when no source gave one (each is named with its reason; so is what stays in
 * use), `DATABASE_UNWRITABLE`; the reason of the signal
 */
export async function updateDatabase(ctx: Context, options: UpdateOptions): Promise<UpdatedDatabase> {
  const { updateDatabase: update } = await import('./update.js');
  return await update(ctx, options);
}

/**
 * Puts a database into a registry, as an artifact that every reader of the format takes. The same database gives the
 * same artifact. An archive that is packed already is sent as it is; it must hold both files.
 * @throws AdvisoryError `DATABASE_MISSING`, `DATABASE_CORRUPT`, `DATABASE_SCHEMA`, `DATABASE_UNREADABLE`,
 * `DATABASE_UNWRITABLE` (no room for the packed copy); RegistryError
 */
export async function pushDatabase(ctx: Context, options: PushOptions): Promise<PushedDatabase> {
  const { pushDatabase: push } = await import('./push.js');
  return await push(ctx, options);
}
