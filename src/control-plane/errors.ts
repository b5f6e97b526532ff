import { TidewaiterError } from '../core/index.js';

/** Why a set-up could not be looked at. */
export class ControlPlaneError extends TidewaiterError<
  /** Neither a file was named, nor is there one in any of the usual places. */
  'NO_CONTROL_PLANE'
> {}
