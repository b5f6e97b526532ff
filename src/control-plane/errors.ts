import { TidewaiterError } from '../core/index.js';

/** Why a set-up could not be looked at, or is not written. */
export class ControlPlaneError extends TidewaiterError<
  /** Neither a file was named, nor is there one in any of the usual places. */
  | 'NO_CONTROL_PLANE'
  /** A kubeconfig does not lead to an API server that can be asked. */
  | 'NO_CLUSTER_ACCESS'
  /** It would keep itself, or the cluster, from ever starting again. */
  | 'SELF_BLOCKING'
  /** Something must be chosen first. */
  | 'SETUP_INCOMPLETE'
  /** A file that is there is not of a form that can be edited safely. */
  | 'NOT_EDITABLE'
> {}
