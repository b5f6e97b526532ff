import type { Effective, PodRule } from '../analysis/rule.js';

export const hostUsers: PodRule = {
  id: 'TW-K025',
  name: 'host-users',
  severity: 'LOW',
  scope: 'pod',
  linuxOnly: true,
  title: 'Users of the pod are users of the node',
  why: 'Without a user namespace of its own, root in a container that gets out is root on the node.',
  fix: 'set hostUsers to false, where nodes can do it',
  check: ({ spec, isPart }) => {
    if (spec.hostUsers === false) return [];
    const isSet = spec.hostUsers === true;
    if (isPart && !isSet) return [];
    const effective: Effective = { value: true, from: isSet ? 'pod' : 'default' };
    return [{ path: ['hostUsers'], message: `hostUsers is ${isSet ? 'true' : 'not set'}`, effective }];
  },
};
