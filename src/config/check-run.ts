import type { Relationship } from '../ecosystems/index.js';
import { parsePlatform } from '../reference/index.js';
import type { ScanRequest } from '../scan/index.js';
import { ConfigError } from './config-error.js';
import { checkPatterns, distroOf } from './image-run.js';
import { readRegistryAccess } from './registry-access.js';
import type { Settings } from './settings.js';

/**
 * How `tidewaiter check` scans whatever its targets lead to: what is found is judged by the policy, so that nothing is
 * left out and no ignore file is read.
 * @throws ConfigError `CONFLICT`, `INVALID_VALUE`, `FILE_NOT_FOUND`, `FILE_INVALID`; InvalidPlatformError
 */
export async function checkRun(
  settings: Settings,
  given: { readonly cacheDir: string | undefined; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<ScanRequest> {
  const platform = settings.text('platform');
  if (platform !== undefined && platform !== 'all') parsePlatform(platform);
  for (const name of ['skip-dirs', 'skip-files']) await checkPatterns(settings, name);
  const { cacheDir, environment } = given;
  return {
    imageSources: settings.list('image-src') as ScanRequest['imageSources'],
    dockerHost: settings.text('docker-host'),
    podmanHost: settings.text('podman-host'),
    registry: await readRegistryAccess(settings, environment),
    environment,
    platform,
    cacheDir,
    cacheBackend: settings.text('cache-backend') === 'memory' || cacheDir === undefined ? 'memory' : 'fs',
    databasePath: settings.text('db'),
    packageTypes: settings.list('pkg-types') as ScanRequest['packageTypes'],
    packageRelationships: settings.list('pkg-relationships') as readonly Relationship[],
    skipDirs: settings.list('skip-dirs'),
    skipFiles: settings.list('skip-files'),
    distro: distroOf(settings),
    detectionPriority: settings.text('detection-priority') as ScanRequest['detectionPriority'],
    severitySources: settings.list('vuln-severity-source'),
    parallel: settings.number('parallel'),
    maxImageBytes: settings.number('max-image-size') || undefined,
  };
}

/** `key=value` of every element. */
export function labelsOf(settings: Settings): Readonly<Record<string, string>> | undefined {
  if (!settings.given('labels')) return undefined;
  return Object.fromEntries(
    settings.list('labels').map((pair) => {
      const equals = pair.indexOf('=');
      if (equals > 0) return [pair.slice(0, equals), pair.slice(equals + 1)];
      throw new ConfigError('INVALID_VALUE', `${settings.origin('labels')} takes key=value, not "${pair}"`);
    }),
  );
}
