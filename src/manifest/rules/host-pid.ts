import type { PodRule } from '../analysis/rule.js';

export const hostPid: PodRule = {
  id: 'TW-K023',
  name: 'host-pid',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A pod sees the processes of the node',
  why: 'It reads the environment and the files of every process on the node, and as root can end or enter them.',
  fix: 'leave hostPID out',
  check: ({ spec }) =>
    spec.hostPID === true
      ? [
          {
            path: ['hostPID'],
            message: 'hostPID is true',
            effective: { value: true, from: 'pod' },
            edits: [{ path: ['hostPID'], remove: true }],
          },
        ]
      : [],
};
