import { asArray } from '../../formats/index.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const rootSupplementalGroup: PodRule = {
  id: 'TW-K009',
  name: 'root-supplemental-group',
  severity: 'LOW',
  scope: 'pod',
  linuxOnly: true,
  title: 'A pod is given the group of root',
  why: 'Every process of the pod may use files that the group of root may use.',
  fix: 'give fsGroup and supplementalGroups numbers above 0',
  check: ({ security }) => {
    const hits: Hit[] = [];
    if (security.fsGroup === 0) {
      hits.push({
        path: ['securityContext', 'fsGroup'],
        message: 'fsGroup is 0',
        effective: { value: 0, from: 'pod' },
      });
    }
    for (const [at, group] of (asArray(security.supplementalGroups) ?? []).entries()) {
      if (group !== 0) continue;
      const path = ['securityContext', 'supplementalGroups', at];
      hits.push({ path, message: 'supplementalGroups holds 0', effective: { value: 0, from: 'pod' } });
    }
    return hits;
  },
};
