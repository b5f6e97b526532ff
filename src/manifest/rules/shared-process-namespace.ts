import type { PodRule } from '../analysis/rule.js';

export const sharedProcessNamespace: PodRule = {
  id: 'TW-K036',
  name: 'shared-process-namespace',
  severity: 'LOW',
  scope: 'pod',
  title: "Containers of a pod see each other's processes",
  why: 'One container that is taken over reads the environment and the files of the others.',
  fix: 'leave shareProcessNamespace out',
  check: ({ spec }) =>
    spec.shareProcessNamespace === true
      ? [
          {
            path: ['shareProcessNamespace'],
            message: 'shareProcessNamespace is true',
            effective: { value: true, from: 'pod' },
            edits: [{ path: ['shareProcessNamespace'], remove: true }],
          },
        ]
      : [],
};
