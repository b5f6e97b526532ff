import { deprecatedApi } from '../analysis/deprecated-apis.js';
import type { ObjectRule } from '../analysis/rule.js';

export const deprecatedApiVersion: ObjectRule = {
  id: 'TW-K091',
  name: 'deprecated-api-version',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A version of an API is gone, or will be',
  why: 'The API server refuses the object, so that what it should protect or run is not there.',
  fix: 'write the newer apiVersion',
  check: ({ object }, { minor }) => {
    const { apiVersion, kind } = object;
    const found = deprecatedApi(apiVersion, kind);
    if (!found) return [];
    const { goneIn, instead } = found;
    const isGone = minor === undefined || minor >= goneIn;
    const message = `${kind} of ${apiVersion} ${isGone ? 'is gone since' : 'will be gone in'} Kubernetes 1.${goneIn}`;
    const fix =
      instead === undefined
        ? 'nothing took its place: take the object away'
        : `write ${instead}, and compare its fields`;
    return [{ path: ['apiVersion'], message, fix, effective: { value: apiVersion, from: 'object' } }];
  },
};
