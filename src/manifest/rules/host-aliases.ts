import { asArray } from '../../formats/index.js';
import type { PodRule } from '../analysis/rule.js';

export const hostAliases: PodRule = {
  id: 'TW-K027',
  name: 'host-aliases',
  severity: 'LOW',
  scope: 'pod',
  title: 'Host names are set by hand',
  why: 'Whoever may change the pod can lead its connections elsewhere, past DNS.',
  fix: 'leave hostAliases out and let DNS answer',
  check: ({ spec }) => {
    const aliases = asArray(spec.hostAliases) ?? [];
    if (aliases.length === 0) return [];
    const message = `hostAliases sets names for ${aliases.length} ${aliases.length === 1 ? 'address' : 'addresses'}`;
    return [{ path: ['hostAliases'], message, effective: { value: spec.hostAliases ?? null, from: 'pod' } }];
  },
};
