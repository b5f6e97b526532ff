import type { AdmissionRoute, BreakGlass, ScanSource } from '../admission/index.js';
import type { Policy } from '../policy/index.js';
import type { AdmissionMetrics } from './admission-metrics.js';
import type { OpaService } from './admission-opa.js';
import type { ClientRule } from './client-identity.js';
import type { ListenAddress } from './kubesec-server.js';
import type { RecordLog } from './record-log.js';
import type { TlsMaterial } from './tls-files.js';
import type { Watched } from './watched.js';

/** A policy as answers name it. */
export interface NamedPolicy {
  readonly policy: Policy;
  /** Its name, and what its text hashes to. */
  readonly name: string;
}

/** Scans with what can be said of them from outside. */
export interface ScanService {
  readonly source: ScanSource;
  readonly busy: () => { readonly running: number; readonly waiting: number };
  /** Looks whether there is another database, and reads files that have changed, or all of them. */
  refresh(how?: { readonly force: boolean }): Promise<void>;
  /** Why no database can be used; nothing where one can. */
  readonly problem: () => string | undefined;
  /** RFC 3339: when the data of the database was gathered, if it says so. */
  readonly databaseUpdatedAt?: (() => string | undefined) | undefined;
  /** Files that they work with. */
  readonly files?: readonly Pick<Watched<unknown>, 'what' | 'problem'>[] | undefined;
  /** Why it cannot be kept when vulnerabilities were first seen; absent: it is not. */
  readonly seenProblem?: (() => string | undefined) | undefined;
  close(): Promise<void>;
}

export interface AdmissionServerOptions {
  readonly address: ListenAddress;
  readonly tls: Watched<TlsMaterial>;
  readonly policy: Watched<NamedPolicy>;
  readonly breakGlass?: Watched<BreakGlass> | undefined;
  readonly exemptNamespaces: ReadonlySet<string>;
  readonly clients: Readonly<Record<AdmissionRoute, ClientRule>>;
  readonly scans?: ScanService | undefined;
  /** Absent: rules that ask OPA are incomplete. */
  readonly opa?: OpaService | undefined;
  readonly records: Pick<RecordLog, 'add' | 'problem' | 'waiting' | 'reopen'>;
  /** How long a decision may take where the caller does not wait for less. */
  readonly decisionMs: number;
  /** Bytes of an AdmissionReview that are kept; of an ImageReview never more than 3 MiB. */
  readonly maxBodyBytes: number;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  /** Counted here; the scans count into it, too. */
  readonly metrics: AdmissionMetrics;
  readonly pollMs?: number | undefined;
}
