import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ScanDesk, type ImageCredentials, type ScanDeskOptions } from '../admission/index.js';
import { openAccess, type RegistryAccess } from '../access/index.js';
import { databaseFileName, findInstalledDatabase } from '../advisories/index.js';
import type { PullSecretReader } from '../cluster/index.js';
import { createContext, messageOf, type Context } from '../core/index.js';
import { formatReference, type Digest, type Reference } from '../reference/index.js';
import { scanImage, starterDatabasePath } from '../scan/index.js';
import type { ScanFacts } from '../policy/index.js';
import { scanFactsOf } from '../subjects/index.js';
import type { ScanService } from './admission-options.js';
import type { AdmissionMetrics } from './admission-metrics.js';
import { PullCredentials } from './pull-credentials.js';

export interface AdmissionScansOptions {
  readonly registry: RegistryAccess;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string | undefined;
  /** A database that was named; absent: the installed one, else the starter database. */
  readonly databasePath: string | undefined;
  /** Of several, the one that nodes run; default: this machine's. */
  readonly platform: string | undefined;
  readonly scansAtOnce: number;
  readonly scansWaiting: number;
  /** Uncompressed bytes past which an image is not scanned. */
  readonly maxImageBytes: number | undefined;
  /** Where pull secrets of pods are read; absent: nothing but the server's own credentials is shown to a registry. */
  readonly pullSecrets?: PullSecretSettings | undefined;
  readonly metrics: AdmissionMetrics;
  readonly log: Context['log'];
}

export interface PullSecretSettings {
  /** Closed with the scans. */
  readonly reader: PullSecretReader;
  /** Whose pull secrets count for an ImageReview, which names none; absent: nobody's. */
  readonly imageReviewAccount: string | undefined;
}

const resolveMs = 30_000;
const scanMs = 10 * 60_000;

/** Scans of images in registries, for reviews. Opens no connection until it is asked. */
export function openAdmissionScans(options: AdmissionScansOptions): ScanService {
  const { registry, environment, metrics, pullSecrets } = options;
  const access = openAccess({ ...registry, environment: registry.environment ?? environment });
  let edition = '';
  let problem: string | undefined;
  const refresh = (): void => {
    try {
      edition = databaseEdition(options);
      problem = undefined;
    } catch (error) {
      problem = messageOf(error);
    }
  };
  refresh();
  const contextFor = (ms: number): Context =>
    createContext({
      signal: AbortSignal.timeout(ms),
      // What is worth saying of a scan is in what it gives.
      log: (level, message) => options.log(level === 'error' ? 'warn' : 'debug', message),
    });
  const desk = new ScanDesk({
    resolve: async (reference, { logins }) => {
      const client = await (logins.length === 0 ? access.registry() : access.registryFor(logins));
      const found = await client.findManifest(contextFor(resolveMs), reference);
      if (!found) throw new Error(`there is no ${formatReference(reference)} in its registry`);
      return found.digest;
    },
    scan: (reference, { logins }) => scanPinned(contextFor(scanMs), reference, options, logins),
    ...(pullSecrets && { credentials: credentialsFrom(pullSecrets) }),
    edition: () => edition,
    clock: () => performance.now(),
    scansAtOnce: options.scansAtOnce,
    scansWaiting: options.scansWaiting,
    onScan: (result) => metrics.scanned(result),
  });
  return {
    source: desk,
    busy: () => desk.busy,
    refresh: () => Promise.resolve(refresh()),
    problem: () => problem,
    async close() {
      await pullSecrets?.reader.close();
      await access.close();
    },
  };
}

function credentialsFrom(settings: PullSecretSettings): ScanDeskOptions['credentials'] {
  const pull = new PullCredentials(settings);
  return async (reference, scope) => await pull.credentialsFor(reference, scope);
}

async function scanPinned(
  context: Context,
  { registry, repository, digest }: Reference & { readonly digest: Digest },
  options: AdmissionScansOptions,
  podLogins: ImageCredentials['logins'],
): Promise<ScanFacts> {
  const report = await scanImage(context, {
    reference: formatReference({ registry, repository, digest }),
    imageSources: ['remote'],
    registry: { ...options.registry, podLogins },
    environment: options.environment,
    platform: options.platform,
    cacheDir: options.cacheDir,
    databasePath: options.databasePath,
    maxImageBytes: options.maxImageBytes,
    parallel: 2,
  });
  return scanFactsOf(report);
}

/** Another text for another database; cheap, and asked often. */
function databaseEdition({ databasePath, cacheDir }: AdmissionScansOptions): string {
  if (databasePath !== undefined) return `file ${fileMark(databasePath)}`;
  const installed = cacheDir === undefined ? undefined : findInstalledDatabase(cacheDir);
  return installed ? `installed ${installed.id}` : `starter ${fileMark(starterDatabasePath())}`;
}

function fileMark(path: string): string {
  const here = statSync(path);
  const { ino, size, mtimeMs } = here.isDirectory() ? statSync(join(path, databaseFileName)) : here;
  return `${ino} ${size} ${mtimeMs}`;
}
