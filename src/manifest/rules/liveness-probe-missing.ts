import { asObject } from '../../formats/index.js';
import type { ContainerRule } from '../analysis/rule.js';

export const livenessProbeMissing: ContainerRule = {
  id: 'TW-K070',
  name: 'liveness-probe-missing',
  severity: 'LOW',
  scope: 'container',
  title: 'Nobody notices when a container hangs',
  why: 'A program that no longer answers is left as it is.',
  fix: 'set livenessProbe',
  check: ({ role, pod, value }) => {
    if (role !== 'container' || pod.runsToItsEnd || asObject(value.livenessProbe)) return [];
    return [{ path: ['livenessProbe'], message: 'livenessProbe is not set' }];
  },
};
