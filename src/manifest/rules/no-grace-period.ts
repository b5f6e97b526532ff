import type { PodRule } from '../analysis/rule.js';

export const noGracePeriod: PodRule = {
  id: 'TW-K073',
  name: 'no-grace-period',
  severity: 'LOW',
  scope: 'pod',
  title: 'A pod is ended without warning',
  why: 'Programs are killed at once, in the midst of what they write.',
  fix: 'leave terminationGracePeriodSeconds out',
  check: ({ spec }) =>
    spec.terminationGracePeriodSeconds === 0
      ? [
          {
            path: ['terminationGracePeriodSeconds'],
            message: 'terminationGracePeriodSeconds is 0',
            effective: { value: 0, from: 'pod' },
          },
        ]
      : [],
};
