import { messageOf } from '../core/index.js';
import { distributionOf, type OperatingSystem, type Relationship } from '../ecosystems/index.js';
import type { FindingStatus, Severity } from '../findings/index.js';
import type { Exceptions } from '../screening/index.js';
import { parsePlatform, parseReference } from '../reference/index.js';
import type { TableMode } from '../report/index.js';
import type { ScanRequest } from '../scan/index.js';
import { ConfigError } from './config-error.js';
import type { Settings } from './settings.js';
import { passwordsOf, readRegistryAccess } from './registry-access.js';
import { readUserFile } from './user-file.js';

/** All that the settings of `tidewaiter image` ask for, in the terms of the rooms that do it. */
export interface ImageRun {
  readonly request: ScanRequest;
  readonly report: {
    readonly format: string;
    /** A file; absent: standard output. */
    readonly output: string | undefined;
    readonly showSuppressed: boolean;
    readonly listAllPackages: boolean;
    readonly tableModes: readonly TableMode[];
    readonly dependencyTree: boolean;
  };
  /** Exit codes asked for; 0: not asked for. */
  readonly exitCode: number;
  readonly endOfLifeExitCode: number;
  /** Sentences about settings that do not go together, and about lines of the ignore file. */
  readonly warnings: readonly string[];
}

/** What the settings do not say. */
export interface ImageRunGiven {
  /** What stands on the command line besides options. */
  readonly reference: string | undefined;
  readonly cacheDir: string | undefined;
  /** The process's variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Checks what goes together and reads the ignore file.
 * For a named image also reads how registries are reached.
 * @throws ConfigError `NO_IMAGE`, `CONFLICT`, `INVALID_VALUE`, `FILE_NOT_FOUND`, `FILE_INVALID`; InvalidReferenceError, InvalidPlatformError, ScreeningError.
 */
export async function imageRun(settings: Settings, given: ImageRunGiven): Promise<ImageRun> {
  const platform = settings.text('platform');
  if (platform !== undefined && platform !== 'all') parsePlatform(platform);
  const warnings = checkTogether(settings);
  for (const name of ['skip-dirs', 'skip-files']) await checkPatterns(settings, name);
  const exceptions = await readExceptions(settings);
  const image = await imageOf(settings, given);
  const wantsOs = settings.list('pkg-types').includes('os');
  const endOfLifeExitCode = wantsOs ? (settings.number('exit-on-eol') ?? 0) : 0;
  const exitCode = settings.number('exit-code') ?? 0;
  const format = settings.text('format') ?? 'table';
  return {
    request: {
      ...image,
      platform,
      cacheDir: given.cacheDir,
      // Without a folder of the user's own, nothing is kept where others could put something in its place.
      cacheBackend: settings.text('cache-backend') === 'memory' || given.cacheDir === undefined ? 'memory' : 'fs',
      databasePath: settings.text('db'),
      packageTypes: settings.list('pkg-types') as ScanRequest['packageTypes'],
      packageRelationships: settings.list('pkg-relationships') as readonly Relationship[],
      skipDirs: settings.list('skip-dirs'),
      skipFiles: settings.list('skip-files'),
      distro: distroOf(settings),
      detectionPriority: settings.text('detection-priority') as ScanRequest['detectionPriority'],
      severitySources: settings.list('vuln-severity-source'),
      severities: settings.list('severity') as readonly Severity[],
      ignoreUnfixed: settings.isOn('ignore-unfixed') && settings.list('ignore-status').length === 0,
      ignoreStatuses: settings.list('ignore-status') as readonly FindingStatus[],
      exceptions,
      failOnFindings: exitCode !== 0,
      failOnEndOfLife: endOfLifeExitCode !== 0,
      allowIncomplete: settings.text('incomplete') === 'allow',
      parallel: settings.number('parallel'),
      maxImageBytes: settings.number('max-image-size') || undefined,
    },
    report: {
      format,
      output: settings.text('output'),
      showSuppressed: settings.isOn('show-suppressed'),
      listAllPackages: settings.isOn('list-all-pkgs'),
      tableModes: settings.list('table-mode') as readonly TableMode[],
      dependencyTree: settings.isOn('dependency-tree') && format === 'table',
    },
    exitCode,
    endOfLifeExitCode,
    warnings: [...warnings, ...(exceptions?.warnings ?? [])],
  };
}

/** The image by its path, or by its name and all that says where to look for it. */
async function imageOf(settings: Settings, { reference, environment }: ImageRunGiven): Promise<Partial<ScanRequest>> {
  const input = settings.text('input');
  if (input !== undefined) return { input, reference };
  if (reference === undefined) {
    throw new ConfigError('NO_IMAGE', 'no image is named', {
      hint: 'give the name of an image, or a file with --input image.tar',
    });
  }
  if (/^[./~]|\.(?:tar|tgz|tar\.gz|tar\.zst)$/.test(reference)) {
    throw new ConfigError('NO_IMAGE', `${reference} looks like a file`, { hint: `use --input ${reference}` });
  }
  if (!isImageId(reference)) parseReference(reference);
  return {
    reference,
    imageSources: settings.list('image-src') as ScanRequest['imageSources'],
    dockerHost: settings.text('docker-host'),
    podmanHost: settings.text('podman-host'),
    registry: await readRegistryAccess(settings, environment),
    environment,
  };
}

/** Of which Docker, Podman and containerd know, and no registry. */
function isImageId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function checkTogether(settings: Settings): readonly string[] {
  const warnings: string[] = [];
  const format = settings.text('format') ?? 'table';
  const tableMode = settings.given('table-mode');
  if (tableMode && format !== 'table') {
    throw new ConfigError('CONFLICT', `${tableMode.origin} belongs to --format table, not to ${format}`, {
      hint: 'leave it out, or use --format table',
    });
  }
  const users = settings.list('username').length;
  if (users !== passwordsOf(settings, users).length && !settings.isOn('password-stdin')) {
    throw new ConfigError('CONFLICT', 'there must be as many --password as --username');
  }
  const output = settings.text('output');
  if (output?.startsWith('plugin=')) {
    throw new ConfigError(
      'NOT_SERVED',
      `${settings.origin('output')} would send the report to a plugin, and there are none`,
      {
        hint: 'name a file',
      },
    );
  }
  if (settings.isOn('ignore-unfixed') && settings.list('ignore-status').length > 0) {
    warnings.push('--ignore-unfixed is ignored: --ignore-status says which statuses to leave out');
  }
  if (settings.isOn('dependency-tree') && format !== 'table') {
    warnings.push(`--dependency-tree is ignored: it belongs to --format table, not to ${format}`);
  }
  if (settings.given('list-all-pkgs') && format === 'table') {
    warnings.push('--list-all-pkgs is ignored: it belongs to --format json');
  }
  return warnings;
}

/** Patterns that a list of the user's holds. */
export async function checkPatterns(settings: Settings, name: string): Promise<void> {
  const patterns = settings.list(name);
  if (patterns.length === 0) return;
  const { compileGlob } = await import('../formats/index.js');
  for (const pattern of patterns) {
    try {
      compileGlob(pattern);
    } catch (cause) {
      throw new ConfigError('INVALID_VALUE', `${settings.origin(name)}: ${messageOf(cause)}`, {
        hint: 'write a path or a pattern such as "**/node_modules"; a comma outside quotes divides the list',
        cause,
      });
    }
  }
}

/** The distribution that a user says an image has. */
export function distroOf(settings: Settings): OperatingSystem | undefined {
  const text = settings.text('distro');
  if (text === undefined) return undefined;
  const slash = text.indexOf('/');
  const family = text.slice(0, Math.max(slash, 0));
  const name = text.slice(slash + 1);
  if (family === '' || name === '') {
    throw new ConfigError('INVALID_VALUE', `${settings.origin('distro')} takes family/version, not "${text}"`, {
      hint: 'write it like alpine/3.11 or debian/12',
    });
  }
  if (distributionOf(family) === undefined) {
    throw new ConfigError('INVALID_VALUE', `${settings.origin('distro')} does not know the distribution "${family}"`, {
      hint: 'write it like alpine/3.11, debian/12, ubuntu/22.04 or wolfi/20230201',
    });
  }
  return { family, name };
}

async function readExceptions(settings: Settings): Promise<Exceptions | undefined> {
  const path = settings.text('ignorefile');
  if (path === undefined) return undefined;
  const text = await readUserFile(path, 'ignore file');
  if (text !== undefined) {
    const { parseIgnoreFile } = await import('../screening/index.js');
    return parseIgnoreFile(text, path);
  }
  const named = settings.given('ignorefile');
  if (!named) return undefined;
  throw new ConfigError('FILE_NOT_FOUND', `there is no ignore file ${path} (${named.origin})`, {
    hint: 'name a file that exists',
  });
}
