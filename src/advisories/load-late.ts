import type { Context } from '../core/index.js';
import type { BuildOptions, BuiltDatabase } from './build.js';
import type { InstalledDatabase } from './installed.js';

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
