import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CacheFolders {
  /** The cache folder itself, which also holds the installed vulnerability databases. */
  readonly root: string;
  /** Facts of layers. */
  readonly facts: string;
}

/**
 * Where things are kept below a cache folder; without one, `tidewaiter` in the user's own cache folder. A user without
 * a home (`HOME` unset in a container) gets a folder below the temporary one.
 */
export function cacheFolders(cacheDir?: string): CacheFolders {
  const root = cacheDir ?? defaultCacheDir();
  return { root, facts: join(root, 'facts') };
}

export function defaultCacheDir(): string {
  const home = homedir();
  return home === '' || home === '/nonexistent' ? join(tmpdir(), 'tidewaiter') : join(home, '.cache', 'tidewaiter');
}
