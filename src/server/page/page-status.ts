import { hostname } from 'node:os';
import { workingStates, type WorkingState } from '../admission-status.js';
import type { AdmissionPageOptions } from './admission-page.js';
import type { RecentDecisions } from './recent-decisions.js';

export interface PageStatusParts {
  readonly options: Pick<AdmissionPageOptions, 'watching' | 'version'>;
  /** What the page itself works with. */
  readonly watched: readonly WorkingState[];
  readonly recent: RecentDecisions;
  readonly startedAt: Date;
}

/** What the page says of the server itself, ready for JSON. Problems are sentences for people; null: there is none. */
export function pageStatus({ options, watched, recent, startedAt }: PageStatusParts): object {
  const { watching, version } = options;
  const { policy, tls, scans, records, metrics } = watching;
  const { name } = policy.value;
  const hashAt = name.lastIndexOf('@');
  return {
    version,
    host: hostname(),
    startedAt: startedAt.toISOString(),
    now: new Date().toISOString(),
    policy: {
      name: hashAt < 0 ? name : name.slice(0, hashAt),
      hash: hashAt < 0 ? null : name.slice(hashAt + 1),
      rules: policy.value.policy.rules.length,
      loadedAt: policy.loadedAt.toISOString(),
    },
    works: [...workingStates(watching), ...watched].map(({ what, problem, loadedAt }) => ({
      what,
      problem: problem ?? null,
      loadedAt: loadedAt?.toISOString() ?? null,
    })),
    certificateExpiresAt: tls.value.expiresAt.toISOString(),
    recordsWaiting: records.waiting,
    databaseUpdatedAt: scans?.databaseUpdatedAt?.() ?? recent.databaseUpdatedAt ?? null,
    scans: scans ? scans.busy() : null,
    inFlight: metrics.inFlight,
    counts: recent.counts,
    recent: { kept: recent.size, total: recent.total, bytes: recent.bytes, namespaces: recent.namespaces },
  };
}
