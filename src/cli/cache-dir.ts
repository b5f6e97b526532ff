import { resolve } from 'node:path';
import { defaultCacheFolder, type Settings } from '../config/index.js';

/** The cache folder that was named, else the user's own; undefined when there is neither. */
export function cacheDirOf(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = settings.text('cache-dir');
  return named === undefined ? defaultCacheFolder(environment) : resolve(named);
}
