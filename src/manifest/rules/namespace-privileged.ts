import { asObject } from '../../formats/index.js';
import { enforceLabel } from '../analysis/namespace-labels.js';
import type { ObjectRule } from '../analysis/rule.js';

export const namespacePrivileged: ObjectRule = {
  id: 'TW-K131',
  name: 'namespace-privileged',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A namespace admits privileged pods',
  why: 'Whoever may make pods there can take over the nodes.',
  fix: 'set the label pod-security.kubernetes.io/enforce to restricted, or to baseline',
  kinds: ['Namespace'],
  check: ({ value }) => {
    const level = asObject(asObject(value.metadata)?.labels)?.[enforceLabel];
    if (level !== 'privileged') return [];
    const message = `${enforceLabel} is privileged`;
    return [{ path: ['metadata', 'labels', enforceLabel], message, effective: { value: level, from: 'object' } }];
  },
};
