import { asksEngines } from '../admission/index.js';
import type { Gauge } from './admission-metrics.js';
import type { AdmissionServerOptions } from './admission-options.js';

type Watching = Pick<AdmissionServerOptions, 'tls' | 'policy' | 'breakGlass' | 'records' | 'scans' | 'opa'>;

/** One thing that the server works with. */
export interface WorkingState {
  readonly what: string;
  /** Why it does not work as it should; nothing where it does. */
  readonly problem: string | undefined;
  /** When what is in use was read, of a file. */
  readonly loadedAt?: Date | undefined;
}

/** Everything that the server works with, files first. */
export function workingStates(watching: Watching): readonly WorkingState[] {
  const { tls, policy, records, scans, opa } = watching;
  return [
    ...filesOf(watching),
    { what: 'the certificate', problem: expiryProblem(tls.value.expiresAt) },
    { what: 'the audit log', problem: records.problem },
    ...(scans ? [{ what: 'the vulnerability database', problem: scans.problem() }] : []),
    ...(scans?.seenProblem ? [{ what: 'the record of first sights', problem: scans.seenProblem() }] : []),
    ...(opa && asksEngines(policy.value.policy) ? [{ what: 'OPA', problem: opa.problem() }] : []),
  ];
}

/** A line for each thing that the server works with. Whoever looks at the status alone learns whether it answers. */
export function readinessText(watching: Watching, isDraining: boolean): string {
  const lines = workingStates(watching).map(({ what, problem }) => line(what, problem));
  return [...lines, isDraining ? 'shutting down\n' : 'ready\n'].join('');
}

function filesOf({
  tls,
  policy,
  breakGlass,
  scans,
  opa,
}: Pick<Watching, 'tls' | 'policy' | 'breakGlass' | 'scans' | 'opa'>): readonly WorkingState[] {
  const others = [breakGlass, opa?.keys].filter((file) => file !== undefined);
  return [policy, tls, ...others, ...(scans?.files ?? [])];
}

const dayMs = 86_400_000;

function expiryProblem(expiresAt: Date): string | undefined {
  const days = Math.floor((expiresAt.getTime() - Date.now()) / dayMs);
  if (days < 0) return `it expired at ${expiresAt.toISOString()}`;
  return days < 30 ? `it expires in ${days} days` : undefined;
}

function line(what: string, problem: string | undefined): string {
  return problem === undefined ? `[+] ${what}: ok\n` : `[!] ${what}: ${problem.replaceAll(/\s+/g, ' ')}\n`;
}

/** For the metrics: what is the case now. */
export function admissionGauges(options: Watching, isDraining: boolean): Readonly<Record<string, Gauge>> {
  const { tls, policy, records, scans, opa } = options;
  const files = filesOf(options);
  return {
    ready: { help: '1 while reviews should be sent here.', value: isDraining ? 0 : 1 },
    certificate_expires_seconds: {
      help: 'Unix time at which the certificate ends.',
      value: Math.floor(tls.value.expiresAt.getTime() / 1000),
    },
    policy_loaded_seconds: {
      help: 'Unix time at which the policy in use was read.',
      value: Math.floor(policy.loadedAt.getTime() / 1000),
    },
    stale_files: {
      help: 'Files whose newest version cannot be used.',
      value: files.filter(({ problem }) => problem !== undefined).length,
    },
    ...databaseGauge(scans?.databaseUpdatedAt?.()),
    records_waiting: { help: 'Records that are not on the disk yet.', value: records.waiting },
    scans_running: { help: 'Scans that run.', value: scans?.busy().running ?? 0 },
    scans_waiting: { help: 'Scans that wait.', value: scans?.busy().waiting ?? 0 },
    opa_requests_running: { help: 'Questions to OPA under way.', value: opa?.busy() ?? 0 },
    resident_memory_bytes: { help: 'Memory of the process.', value: process.memoryUsage.rss() },
  };
}

function databaseGauge(updatedAt: string | undefined): Readonly<Record<string, Gauge>> {
  const at = Date.parse(updatedAt ?? '');
  if (Number.isNaN(at)) return {};
  const help = 'Unix time at which the data of the vulnerability database was gathered.';
  return { database_updated_seconds: { help, value: Math.floor(at / 1000) } };
}
