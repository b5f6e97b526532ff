import { TidewaiterError } from '../core/index.js';

export type ClusterErrorCode =
  /** There is no way to the API server: no kubeconfig and not inside a cluster, or one that cannot be used. */
  | 'CLUSTER_CONFIG_INVALID'
  /** The API server has no such object. */
  | 'OBJECT_NOT_FOUND'
  /** The API server does not let us read it, or does not know us. */
  | 'READ_FORBIDDEN'
  /** No connection, or no answer in time. */
  | 'CLUSTER_UNREACHABLE'
  /** An answer that is none to what was asked. */
  | 'CLUSTER_ANSWER_INVALID';

/** Why something could not be read from the API server. Messages name objects and hosts, never a token or a value. */
export class ClusterError extends TidewaiterError<ClusterErrorCode> {}
