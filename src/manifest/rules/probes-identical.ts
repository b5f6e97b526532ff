import { asObject } from '../../formats/index.js';
import type { ContainerRule } from '../analysis/rule.js';

export const probesIdentical: ContainerRule = {
  id: 'TW-K072',
  name: 'probes-identical',
  severity: 'LOW',
  scope: 'container',
  title: 'The same probe says that a container is ready and that it lives',
  why: 'A container that is only busy is ended instead of being spared.',
  fix: 'let livenessProbe ask for less than readinessProbe, or fail later',
  check: ({ value }) => {
    const liveness = asObject(value.livenessProbe);
    const readiness = asObject(value.readinessProbe);
    if (!liveness || !readiness || JSON.stringify(liveness) !== JSON.stringify(readiness)) return [];
    return [{ path: ['livenessProbe'], message: 'livenessProbe and readinessProbe are the same' }];
  },
};
