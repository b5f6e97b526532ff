import { grants } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacNodes: ObjectRule = {
  id: 'TW-K116',
  name: 'rbac-nodes',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder change nodes',
  why: 'Labels, taints and states of nodes say where pods run; changing them draws pods to a node or drives them off.',
  fix: 'leave nodes to those who run the cluster',
  kinds: ['ClusterRole'],
  check: (object) =>
    grants(object, [
      { group: '', resources: ['nodes', 'nodes/status'], verbs: ['create', 'update', 'patch', 'delete'] },
    ]),
};
