import { grants } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacNodeProxy: ObjectRule = {
  id: 'TW-K109',
  name: 'rbac-node-proxy',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder talk to the kubelets',
  why: 'Through the kubelet commands run in any pod of a node, past admission and the audit log.',
  fix: 'take nodes/proxy away; nodes/metrics and nodes/stats are enough to watch',
  kinds: ['ClusterRole'],
  check: (object) =>
    grants(object, [{ group: '', resources: ['nodes/proxy'], verbs: ['get', 'create', 'update', 'patch', 'delete'] }]),
};
