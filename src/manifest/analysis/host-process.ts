import { asObject } from '../../formats/index.js';
import type { ContainerView } from './views.js';

/** What the container says of `windowsOptions.hostProcess`. */
export function ownHostProcess({ security }: ContainerView): unknown {
  return asObject(security.windowsOptions)?.hostProcess;
}

/** It is a process of the Windows node, by its own word or by its pod's. */
export function isHostProcess(container: ContainerView): boolean {
  const value = ownHostProcess(container) ?? asObject(container.pod.security.windowsOptions)?.hostProcess;
  return value === true;
}
