import { grants, roleKinds } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacRoleWrite: ObjectRule = {
  id: 'TW-K114',
  name: 'rbac-role-write',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder change roles and bindings',
  why: 'Rights that one has can be given to others, and more with escalate or bind.',
  fix: 'leave roles and bindings to those who run the cluster',
  kinds: roleKinds,
  check: (object) =>
    grants(object, [
      {
        group: 'rbac.authorization.k8s.io',
        resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'],
        verbs: ['create', 'update', 'patch'],
      },
    ]),
};
