import type { ObjectRule } from '../analysis/rule.js';

export const serviceAccountTokenSecret: ObjectRule = {
  id: 'TW-K047',
  name: 'service-account-token-secret',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A token of a service account never ends',
  why: 'The token in such a Secret is valid until somebody deletes it.',
  fix: 'ask for a token that ends: a projected volume, or kubectl create token',
  kinds: ['Secret'],
  check: ({ value }) =>
    value.type === 'kubernetes.io/service-account-token'
      ? [
          {
            path: ['type'],
            message: 'the type is kubernetes.io/service-account-token',
            effective: { value: value.type, from: 'object' },
          },
        ]
      : [],
};
