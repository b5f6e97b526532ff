import { isAbsolute, join } from 'node:path';
import { homeOf } from './cache-folder.js';

/**
 * Where that is kept by default which is not made again when it is lost: `tidewaiter` in the user's state folder. Undefined
 * when the user has no home.
 */
export function defaultStateFolder(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const stateHome = environment.XDG_STATE_HOME;
  // The XDG specification says to ignore relative paths.
  if (stateHome && isAbsolute(stateHome)) return join(stateHome, 'tidewaiter');
  const home = homeOf(environment);
  return home && isAbsolute(home) ? join(home, '.local', 'state', 'tidewaiter') : undefined;
}
