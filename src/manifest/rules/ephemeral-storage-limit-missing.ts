import { limitMissing } from '../analysis/quantity.js';
import type { ContainerRule } from '../analysis/rule.js';

export const ephemeralStorageLimitMissing: ContainerRule = {
  id: 'TW-K062',
  name: 'ephemeral-storage-limit-missing',
  severity: 'LOW',
  scope: 'container',
  title: "A container has no limit for what it writes to the node's disk",
  why: 'Logs and files of one container can fill the disk of the node.',
  fix: 'set resources.limits.ephemeral-storage',
  check: (container) => limitMissing(container, 'ephemeral-storage'),
};
