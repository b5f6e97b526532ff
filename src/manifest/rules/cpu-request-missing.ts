import { requestMissing } from '../analysis/quantity.js';
import type { ContainerRule } from '../analysis/rule.js';

export const cpuRequestMissing: ContainerRule = {
  id: 'TW-K063',
  name: 'cpu-request-missing',
  severity: 'LOW',
  scope: 'container',
  title: 'A container asks for no processor time',
  why: 'It is put on nodes that have none to spare, and gets next to nothing when they are busy.',
  fix: 'set resources.requests.cpu',
  check: (container) => requestMissing(container, 'cpu'),
};
