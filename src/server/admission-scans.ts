import { ScanDesk, type ImageCredentials, type ScanDeskOptions } from '../admission/index.js';
import type { RegistryAccess } from '../access/index.js';
import type { PullSecretReader } from '../cluster/index.js';
import { createContext, type Context } from '../core/index.js';
import type { FirstSeen } from '../first-seen/index.js';
import { formatReference, type Digest, type Reference } from '../reference/index.js';
import { scanImage } from '../scan/index.js';
import type { ScanFacts } from '../policy/index.js';
import { scanFactsOf } from '../subjects/index.js';
import type { ScanService } from './admission-options.js';
import type { AdmissionMetrics } from './admission-metrics.js';
import { CurrentAccess } from './current-access.js';
import { DatabaseInUse } from './database-in-use.js';
import { withFirstSeen } from './first-seen-scans.js';
import { PullCredentials } from './pull-credentials.js';
import type { Watched } from './watched.js';

export interface AdmissionScansOptions {
  readonly registry: Watched<RegistryAccess>;
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
  /** Where it is kept when vulnerabilities were first seen; closed with the scans. Absent: nowhere. */
  readonly firstSeen?: FirstSeen | undefined;
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
const recallMs = 30_000;

/** Scans of images in registries, for reviews. Opens no connection until it is asked. */
export function openAdmissionScans(options: AdmissionScansOptions): ScanService {
  const { registry, metrics, pullSecrets, firstSeen } = options;
  const access = new CurrentAccess(accessOf(options));
  const onNotKept = tellOnce(options);
  const database = new DatabaseInUse(options);
  const contextFor = (ms: number): Context =>
    createContext({
      signal: AbortSignal.timeout(ms),
      // What is worth saying of a scan is in what it gives.
      log: (level, message) => options.log(level === 'error' ? 'warn' : 'debug', message),
    });
  const desk = new ScanDesk({
    resolve: async (reference, { logins }) => {
      const found = await access.use(async (current) => {
        const client = await (logins.length === 0 ? current.registry() : current.registryFor(logins));
        return await client.findManifest(contextFor(resolveMs), reference);
      });
      if (!found) throw new Error(`there is no ${formatReference(reference)} in its registry`);
      return found.digest;
    },
    scan: (reference, { logins }) => scanPinned(contextFor(scanMs), reference, { ...options, onNotKept }, logins),
    recall: async (reference) => {
      try {
        return await recallPinned(contextFor(recallMs), reference, options);
      } catch {
        return undefined; // not all of it is kept: the scan says what is wrong
      }
    },
    ...(pullSecrets && { credentials: credentialsFrom(pullSecrets) }),
    edition: () => database.edition,
    clock: () => performance.now(),
    scansAtOnce: options.scansAtOnce,
    scansWaiting: options.scansWaiting,
    onScan: (result) => metrics.scanned(result),
  });
  return {
    source: firstSeen ? withFirstSeen({ source: desk, firstSeen, log: (text) => options.log('warn', text) }) : desk,
    busy: () => desk.busy,
    async refresh({ force } = { force: false }) {
      database.look();
      if (!(await registry.check({ force }))) return;
      await access.replace(accessOf(options));
      // Whoever was refused may be let in now.
      desk.forgetFailures();
    },
    problem: () => database.problem,
    databaseUpdatedAt: () => database.facts?.updatedAt,
    files: [registry],
    seenProblem: firstSeen && (() => firstSeen.problem),
    async close() {
      await firstSeen?.close();
      await pullSecrets?.reader.close();
      await access.close();
    },
  };
}

function credentialsFrom(settings: PullSecretSettings): ScanDeskOptions['credentials'] {
  const pull = new PullCredentials(settings);
  return async (reference, scope) => await pull.credentialsFor(reference, scope);
}

function accessOf({ registry, environment }: AdmissionScansOptions): RegistryAccess {
  return { ...registry.value, environment: registry.value.environment ?? environment };
}

/** That nothing can be kept makes scans slow after a restart, and nothing wrong. */
function tellOnce({ log }: AdmissionScansOptions): (reason: string) => void {
  let isTold = false;
  return (reason) => {
    if (!isTold) log('warn', `what scans read is not kept, and is read again when it is needed: ${reason}`);
    isTold = true;
  };
}

/** What an earlier scan has kept, against the database of now. */
async function recallPinned(
  context: Context,
  { registry, repository, digest }: Reference & { readonly digest: Digest },
  options: AdmissionScansOptions,
): Promise<ScanFacts> {
  const report = await scanImage(context, {
    reference: formatReference({ registry, repository, digest }),
    imageSources: ['remote'],
    keepDocuments: 'only',
    platform: options.platform,
    cacheDir: options.cacheDir,
    databasePath: options.databasePath,
    maxImageBytes: options.maxImageBytes,
    // Nothing is read that threads would help with.
    parallel: 1,
  });
  return scanFactsOf(report);
}

async function scanPinned(
  context: Context,
  { registry, repository, digest }: Reference & { readonly digest: Digest },
  options: AdmissionScansOptions & { readonly onNotKept: (reason: string) => void },
  podLogins: ImageCredentials['logins'],
): Promise<ScanFacts> {
  const report = await scanImage(context, {
    reference: formatReference({ registry, repository, digest }),
    imageSources: ['remote'],
    registry: { ...options.registry.value, podLogins },
    environment: options.environment,
    platform: options.platform,
    cacheDir: options.cacheDir,
    keepDocuments: true,
    onNotKept: options.onNotKept,
    databasePath: options.databasePath,
    maxImageBytes: options.maxImageBytes,
    parallel: 2,
  });
  return scanFactsOf(report);
}
