import { asArray, asObject } from '../../formats/index.js';
import type { ObjectRule } from '../analysis/rule.js';

export const serviceExposed: ObjectRule = {
  id: 'TW-K145',
  name: 'service-exposed',
  severity: 'LOW',
  scope: 'object',
  title: 'A Service is open to the outside',
  why: 'Whoever reaches the nodes or the load balancer reaches the pods.',
  fix: 'use ClusterIP behind an Ingress, or name who may come in loadBalancerSourceRanges',
  kinds: ['Service'],
  check: ({ value }) => {
    const spec = asObject(value.spec);
    const type = spec?.type;
    if (type !== 'NodePort' && type !== 'LoadBalancer') return [];
    const ranges = asArray(spec?.loadBalancerSourceRanges) ?? [];
    const isNarrow =
      type === 'LoadBalancer' && ranges.length > 0 && !ranges.includes('0.0.0.0/0') && !ranges.includes('::/0');
    if (isNarrow) return [];
    return [{ path: ['spec', 'type'], message: `the type is ${type}`, effective: { value: type, from: 'object' } }];
  },
};
