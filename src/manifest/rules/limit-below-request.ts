import { parseQuantity, resourceOf } from '../analysis/quantity.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const limitBelowRequest: ContainerRule = {
  id: 'TW-K065',
  name: 'limit-below-request',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'A limit is below what is asked for',
  why: 'The API server refuses the pod.',
  fix: 'make the limit at least as large as the request',
  check: (container) =>
    ['cpu', 'memory', 'ephemeral-storage'].flatMap((resource): Hit[] => {
      const limit = resourceOf(container, 'limits', resource);
      const request = resourceOf(container, 'requests', resource);
      const most = parseQuantity(limit);
      const least = parseQuantity(request);
      if (most === undefined || least === undefined || most >= least) return [];
      const path = ['resources', 'limits', resource];
      const message = `the limit for ${resource} is ${quoted(limit)}, the request ${quoted(request)}`;
      return [{ path, message, effective: { value: limit ?? null, from: 'container' } }];
    }),
};
