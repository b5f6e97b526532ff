import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDatabase } from '../../src/advisories/index.js';
import { createContext } from '../../src/core/index.js';

/** The time that built databases bear. */
export const builtAt: Date = new Date('2026-01-02T03:04:05Z');

/** Writes a file below a folder, with the folders above it. */
export function writeSource(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/**
 * Builds a database from texts of feeds, by file name, into `out` below the folder; returns the path of the folder that
 * holds `trivy.db` and `metadata.json`.
 */
export async function advisoryDatabase(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const sources = join(folder, 'sources');
  for (const [name, content] of Object.entries(files)) writeSource(sources, name, content);
  const outDir = join(folder, 'out');
  await buildDatabase(createContext(), { sources: [sources], outDir, now: builtAt });
  return outDir;
}
