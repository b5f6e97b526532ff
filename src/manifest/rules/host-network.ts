import { isHostProcess } from '../analysis/host-process.js';
import type { PodRule } from '../analysis/rule.js';

export const hostNetwork: PodRule = {
  id: 'TW-K022',
  name: 'host-network',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A pod uses the network of the node',
  why: 'It reaches services that listen on the node alone, sees the traffic of others and passes by network policies.',
  fix: 'leave hostNetwork out',
  check: (pod) =>
    pod.spec.hostNetwork === true
      ? [
          {
            path: ['hostNetwork'],
            message: 'hostNetwork is true',
            effective: { value: true, from: 'pod' },
            // The API server wants it for processes of a Windows node.
            edits: pod.containers.some(isHostProcess) ? [] : [{ path: ['hostNetwork'], remove: true }],
          },
        ]
      : [],
};
