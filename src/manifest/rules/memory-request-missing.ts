import { requestMissing } from '../analysis/quantity.js';
import type { ContainerRule } from '../analysis/rule.js';

export const memoryRequestMissing: ContainerRule = {
  id: 'TW-K064',
  name: 'memory-request-missing',
  severity: 'LOW',
  scope: 'container',
  title: 'A container asks for no memory',
  why: 'It is put on nodes that have none to spare, and is the first to be killed there.',
  fix: 'set resources.requests.memory',
  check: (container) => requestMissing(container, 'memory'),
};
