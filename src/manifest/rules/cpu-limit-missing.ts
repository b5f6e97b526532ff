import { limitMissing } from '../analysis/quantity.js';
import type { ContainerRule } from '../analysis/rule.js';

export const cpuLimitMissing: ContainerRule = {
  id: 'TW-K060',
  name: 'cpu-limit-missing',
  severity: 'LOW',
  scope: 'container',
  title: 'A container has no limit for processor time',
  why: 'It can slow down everything else on the node.',
  fix: 'set resources.limits.cpu',
  check: (container) => limitMissing(container, 'cpu'),
};
