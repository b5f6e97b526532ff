import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * `tidewaiter` in the user's cache folder; absent for a user without a home, as containers have them: a folder that
 * everybody may write to would let anybody plant facts and databases.
 */
export function defaultCacheDir(): string | undefined {
  const home = homedir();
  return home === '' || home === '/' || home === '/nonexistent' ? undefined : join(home, '.cache', 'tidewaiter');
}

/** Where facts of layers are kept below a cache folder, which also holds the installed vulnerability databases. */
export function factsFolder(cacheDir: string): string {
  return join(cacheDir, 'facts');
}
