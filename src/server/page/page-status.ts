import { hostname } from 'node:os';
import type { AdmissionPageOptions } from '../open-admission-page.js';
import type { Watched } from '../watched.js';
import type { RecentDecisions } from './recent-decisions.js';

export interface PageStatusParts {
  readonly options: Pick<AdmissionPageOptions, 'watching' | 'version'>;
  /** What the page itself watches. */
  readonly watched: readonly WatchedFile[];
  readonly recent: RecentDecisions;
  readonly startedAt: Date;
}

type WatchedFile = Pick<Watched<unknown>, 'what' | 'loadedAt' | 'problem'>;

/** What the page says of the server itself, ready for JSON. Problems are sentences for people; null: there is none. */
export function pageStatus({ options, watched, recent, startedAt }: PageStatusParts): object {
  const { watching, version } = options;
  const { policy, tls, breakGlass, scans, records, metrics } = watching;
  const [name = '', hash] = policy.value.name.split('@');
  return {
    version,
    host: hostname(),
    startedAt: startedAt.toISOString(),
    now: new Date().toISOString(),
    policy: {
      name,
      hash: hash ?? null,
      rules: policy.value.policy.rules.length,
      loadedAt: policy.loadedAt.toISOString(),
    },
    files: [policy, tls, ...(breakGlass ? [breakGlass] : []), ...watched].map(fileStatus),
    certificate: { expiresAt: tls.value.expiresAt.toISOString() },
    auditLog: { problem: records.problem ?? null, waiting: records.waiting },
    scans: scans ? { ...scans.busy(), databaseProblem: scans.problem() ?? null } : null,
    inFlight: metrics.inFlight,
    counts: recent.counts,
    recent: { kept: recent.size, total: recent.total, bytes: recent.bytes, namespaces: recent.namespaces },
  };
}

function fileStatus({ what, loadedAt, problem }: WatchedFile): object {
  return { what, loadedAt: loadedAt.toISOString(), problem: problem ?? null };
}
