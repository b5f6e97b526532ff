import { limitMissing } from '../analysis/quantity.js';
import type { ContainerRule } from '../analysis/rule.js';

export const memoryLimitMissing: ContainerRule = {
  id: 'TW-K061',
  name: 'memory-limit-missing',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'A container has no limit for memory',
  why: 'It can use up the memory of the node, and other pods are killed for it.',
  fix: 'set resources.limits.memory',
  check: (container) => limitMissing(container, 'memory'),
};
