import type { ObjectRule } from '../analysis/rule.js';

export const defaultNamespace: ObjectRule = {
  id: 'TW-K090',
  name: 'default-namespace',
  severity: 'LOW',
  scope: 'object',
  title: 'A workload lies in the default namespace',
  why: 'Everything without a namespace of its own lies there: policies, quotas and rights for it hold for all.',
  fix: 'set metadata.namespace',
  check: ({ object, pods }) => {
    if (
      pods.length === 0 ||
      (object.namespace !== undefined && object.namespace !== 'default' && object.namespace !== '')
    )
      return [];
    const isSet = object.namespace === 'default';
    const message = isSet ? 'the namespace is default' : 'no namespace is named';
    return [
      { path: ['metadata', 'namespace'], message, effective: { value: 'default', from: isSet ? 'object' : 'default' } },
    ];
  },
};
