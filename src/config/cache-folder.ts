import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where databases and facts are kept by default: `tidewaiter` in the user's cache folder. Undefined when the user has
 * no home, as in many containers; nothing is kept then.
 */
export function defaultCacheFolder(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const cacheHome = environment.XDG_CACHE_HOME;
  // The XDG specification says to ignore relative paths.
  if (cacheHome && isAbsolute(cacheHome)) return join(cacheHome, 'tidewaiter');
  const home = homeOf(environment);
  return home && isAbsolute(home) ? join(home, '.cache', 'tidewaiter') : undefined;
}

/** The user's home; undefined for an account without one. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment.HOME ?? homeOfAccount();
}

function homeOfAccount(): string | undefined {
  try {
    return homedir();
  } catch {
    // The account of this process may be in no list of accounts.
    return undefined;
  }
}
