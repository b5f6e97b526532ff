import type { ContainerRule } from '../analysis/rule.js';

export const lowGroupId: ContainerRule = {
  id: 'TW-K008',
  name: 'low-group-id',
  severity: 'LOW',
  scope: 'container',
  linuxOnly: true,
  title: 'The number of the group is low',
  why: 'Numbers up to 10000 may be groups of the node itself, whose files the container may then touch once it gets out.',
  fix: 'set runAsGroup to a number above 10000',
  check: (container) => {
    const group = container.inherited('runAsGroup');
    if (typeof group.value !== 'number' || group.value <= 0 || group.value > 10_000) return [];
    if (container.pod.spec.hostUsers === false) return [];
    return [{ path: ['securityContext', 'runAsGroup'], message: `runAsGroup is ${group.value}`, effective: group }];
  },
};
