import { grants } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacNamespaceLabels: ObjectRule = {
  id: 'TW-K115',
  name: 'rbac-namespace-labels',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A role lets its holder change namespaces',
  why: 'Labels of a namespace say which pods it admits: one change and it admits privileged ones.',
  fix: 'leave namespaces to those who run the cluster',
  kinds: ['ClusterRole'],
  check: (object) => grants(object, [{ group: '', resources: ['namespaces'], verbs: ['update', 'patch'] }]),
};
