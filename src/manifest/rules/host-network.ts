import type { PodRule } from '../analysis/rule.js';

export const hostNetwork: PodRule = {
  id: 'TW-K022',
  name: 'host-network',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A pod uses the network of the node',
  why: 'It reaches services that listen on the node alone, sees the traffic of others and passes by network policies.',
  fix: 'leave hostNetwork out',
  check: ({ spec }) =>
    spec.hostNetwork === true
      ? [
          {
            path: ['hostNetwork'],
            message: 'hostNetwork is true',
            effective: { value: true, from: 'pod' },
            edits: [{ path: ['hostNetwork'], remove: true }],
          },
        ]
      : [],
};
