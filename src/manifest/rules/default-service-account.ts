import type { Effective, PodRule } from '../analysis/rule.js';

export const defaultServiceAccount: PodRule = {
  id: 'TW-K041',
  name: 'default-service-account',
  severity: 'LOW',
  scope: 'pod',
  title: 'A pod uses the default service account',
  why: 'What is granted to one pod by it is granted to all that name none.',
  fix: 'name a ServiceAccount of its own in serviceAccountName',
  check: ({ spec, isPart }) => {
    const name = spec.serviceAccountName || spec.serviceAccount;
    if (typeof name === 'string' && name !== 'default') return [];
    if (isPart && name === undefined) return [];
    const message = name === 'default' ? 'serviceAccountName is default' : 'serviceAccountName is not set';
    const effective: Effective = { value: 'default', from: name === 'default' ? 'pod' : 'default' };
    return [{ path: ['serviceAccountName'], message, effective }];
  },
};
