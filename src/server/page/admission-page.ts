import type { AdmissionServerOptions } from '../admission-options.js';
import type { ListenAddress } from '../kubesec-server.js';
import type { TlsFiles } from '../tls-files.js';

export interface AdmissionPageOptions {
  readonly address: ListenAddress;
  /** Its authorities vouch for readers who show a certificate; without them nobody is asked for one. */
  readonly tls: TlsFiles;
  /** Common names of readers; none: all that the authorities vouch for. */
  readonly clientNames: ReadonlySet<string>;
  /** File with the token that readers sign in with, in its first line. */
  readonly tokenPath?: string | undefined;
  /** What the page tells of the server. */
  readonly watching: Pick<
    AdmissionServerOptions,
    'policy' | 'tls' | 'breakGlass' | 'scans' | 'opa' | 'records' | 'metrics'
  >;
  readonly version: string;
  readonly log: AdmissionServerOptions['log'];
  readonly pollMs?: number | undefined;
  /** How long each wrong token is let wait. Default: a second. */
  readonly wrongTokenMs?: number | undefined;
}

/** The page with recent decisions, on a port of its own. */
export interface AdmissionPage {
  /** With the port that was taken, where 0 was asked for. */
  readonly address: ListenAddress;
  /** Where records of decisions go: to the page, too. */
  readonly records: AdmissionServerOptions['records'];
  /** Reads its files again. */
  reload(): Promise<void>;
  close(): Promise<void>;
}
