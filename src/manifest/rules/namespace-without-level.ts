import { asObject } from '../../formats/index.js';
import { enforceLabel } from '../analysis/namespace-labels.js';
import type { Effective, ObjectRule } from '../analysis/rule.js';

export const namespaceWithoutLevel: ObjectRule = {
  id: 'TW-K130',
  name: 'namespace-without-level',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A namespace admits every pod',
  why: 'Without the label Pod Security admission lets privileged pods in, unless the API server has a default of its own.',
  fix: 'set the label pod-security.kubernetes.io/enforce to restricted, or to baseline',
  kinds: ['Namespace'],
  check: ({ value }) => {
    const labels = asObject(asObject(value.metadata)?.labels) ?? {};
    if (labels[enforceLabel] !== undefined && labels[enforceLabel] !== null) return [];
    const effective: Effective = { value: 'privileged', from: 'default' };
    return [{ path: ['metadata', 'labels', enforceLabel], message: `the label ${enforceLabel} is not set`, effective }];
  },
};
