import { asObject } from '../../formats/index.js';
import type { ContainerRule } from '../analysis/rule.js';

export const readinessProbeMissing: ContainerRule = {
  id: 'TW-K071',
  name: 'readiness-probe-missing',
  severity: 'LOW',
  scope: 'container',
  title: 'Nobody knows when a container is ready',
  why: 'Requests are sent to it before it can answer, and when it no longer can.',
  fix: 'set readinessProbe',
  check: ({ role, pod, value }) => {
    if (role !== 'container' || pod.runsToItsEnd || asObject(value.readinessProbe)) return [];
    return [{ path: ['readinessProbe'], message: 'readinessProbe is not set' }];
  },
};
