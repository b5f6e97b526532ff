import { asksEngines } from '../admission/index.js';
import type { Gauge } from './admission-metrics.js';
import type { AdmissionServerOptions, ScanService } from './admission-options.js';

type Watching = Pick<AdmissionServerOptions, 'tls' | 'policy' | 'breakGlass' | 'records' | 'scans' | 'opa'>;

/** A line for each thing that the server works with. Whoever looks at the status alone learns whether it answers. */
export function readinessText({ tls, policy, breakGlass, records, scans, opa }: Watching, isDraining: boolean): string {
  const files = filesOf({ policy, tls, breakGlass, opa, scans });
  const lines = [
    ...files.map(({ what, problem }) => line(what, problem)),
    line('the certificate', expiryProblem(tls.value.expiresAt)),
    line('the audit log', records.problem),
    ...(scans ? [line('the vulnerability database', scans.problem())] : []),
    ...(scans?.seenProblem ? [line('the record of first sights', scans.seenProblem())] : []),
    ...(opa && asksEngines(policy.value.policy) ? [line('OPA', opa.problem())] : []),
    isDraining ? 'shutting down\n' : 'ready\n',
  ];
  return lines.join('');
}

function filesOf({
  tls,
  policy,
  breakGlass,
  scans,
  opa,
}: Pick<Watching, 'tls' | 'policy' | 'breakGlass' | 'scans' | 'opa'>): NonNullable<ScanService['files']> {
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
    records_waiting: { help: 'Records that are not on the disk yet.', value: records.waiting },
    scans_running: { help: 'Scans that run.', value: scans?.busy().running ?? 0 },
    scans_waiting: { help: 'Scans that wait.', value: scans?.busy().waiting ?? 0 },
    opa_requests_running: { help: 'Questions to OPA under way.', value: opa?.busy() ?? 0 },
    resident_memory_bytes: { help: 'Memory of the process.', value: process.memoryUsage.rss() },
  };
}
