import type { ContainerRule } from '../analysis/rule.js';

export const privilegedContainer: ContainerRule = {
  id: 'TW-K001',
  name: 'privileged-container',
  severity: 'CRITICAL',
  scope: 'container',
  title: 'A container is privileged',
  why: 'A privileged container has every capability and every device of the node, so whoever runs code in it owns the node.',
  fix: 'set securityContext.privileged to false and add the single capabilities that are needed',
  check: ({ security }) =>
    security.privileged === true
      ? [
          {
            path: ['securityContext', 'privileged'],
            message: 'privileged is true',
            effective: { value: true, from: 'container' },
            edits: [{ path: ['securityContext', 'privileged'], set: false }],
          },
        ]
      : [],
};
