import type { PodRule } from '../analysis/rule.js';

export const hostIpc: PodRule = {
  id: 'TW-K024',
  name: 'host-ipc',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A pod shares memory with the processes of the node',
  why: 'It can read and change the shared memory and the message queues of programs on the node.',
  fix: 'leave hostIPC out',
  check: ({ spec }) =>
    spec.hostIPC === true
      ? [
          {
            path: ['hostIPC'],
            message: 'hostIPC is true',
            effective: { value: true, from: 'pod' },
            edits: [{ path: ['hostIPC'], remove: true }],
          },
        ]
      : [],
};
