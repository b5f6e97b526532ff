import type { ContainerRule } from '../analysis/rule.js';

export const lowUserId: ContainerRule = {
  id: 'TW-K006',
  name: 'low-user-id',
  severity: 'LOW',
  scope: 'container',
  linuxOnly: true,
  title: 'The number of the user is low',
  why: 'Numbers up to 10000 may be users of the node itself, whose files the container may then touch once it gets out.',
  fix: 'set runAsUser to a number above 10000',
  check: (container) => {
    const user = container.inherited('runAsUser');
    if (typeof user.value !== 'number' || user.value <= 0 || user.value > 10_000) return [];
    if (container.pod.spec.hostUsers === false) return [];
    return [{ path: ['securityContext', 'runAsUser'], message: `runAsUser is ${user.value}`, effective: user }];
  },
};
