import type { Cluster } from './cluster.js';
import type { Explanation } from './explain-log.js';
import type { Fault, FaultList } from './fault.js';
import type { Host } from './host.js';
import type { LiveAnswer } from './live.js';
import type { ClusterQuestions } from './prove-cluster.js';
import type { UnreadFile } from './server-files.js';
import type { WebhookConnection } from './webhook-connection.js';

/** A file that somebody named, read. */
export interface NamedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

export interface ExamineOptions {
  /** The machine whose set-up it is. */
  readonly host: Host;
  /** What says how the API server is started; else it is looked for in the usual places. */
  readonly apiServer?: NamedFile | undefined;
  readonly admissionConfiguration?: NamedFile | undefined;
  /** What kubeadm would make the API server from; else it is looked for in the usual places. */
  readonly kubeadm?: NamedFile | undefined;
  readonly kubeconfig?: NamedFile | undefined;
  readonly webhookConfigurations?: readonly NamedFile[] | undefined;
  /** The webhook's certificate and key, as files. */
  readonly serverCertificate?: NamedFile | undefined;
  readonly serverKey?: NamedFile | undefined;
  /** The API server itself, to be asked for its webhooks and policies. */
  readonly cluster?: Cluster | undefined;
  /** What it is asked about in a dry run. */
  readonly dryRun?: ClusterQuestions | undefined;
  /** An API server's log. */
  readonly log?: string | undefined;
  /** The named files alone: not what they name, and no connection. */
  readonly filesOnly?: boolean | undefined;
  /** Try whether the webhook can be reached. */
  readonly connect?: boolean | undefined;
  /** Asks a webhook that can be reached; its faults go to the list. */
  readonly prove?: ((target: LiveTarget, faults: FaultList) => Promise<readonly LiveAnswer[]>) | undefined;
}

/** A webhook that answers, and how to ask it. */
export interface LiveTarget {
  readonly protocol: 'ImageReview' | 'AdmissionReview';
  readonly connection: WebhookConnection;
  readonly timeoutSeconds: number;
}

/** What was found out about a set-up. */
export interface Examination {
  /** Errors first. */
  readonly faults: readonly Fault[];
  readonly explanations: readonly Explanation[];
  /** What is there and could not be read. */
  readonly unread: readonly UnreadFile[];
  /** What was looked at: a word and where it is, in the order in which the one leads to the next. */
  readonly lookedAt: readonly (readonly [string, string])[];
  readonly proofs: readonly LiveAnswer[];
}
