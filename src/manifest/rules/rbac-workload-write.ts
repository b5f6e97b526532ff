import { grants, roleKinds } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacWorkloadWrite: ObjectRule = {
  id: 'TW-K108',
  name: 'rbac-workload-write',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A role lets its holder start pods',
  why: 'A pod may use any service account and any Secret of its namespace, and, if nothing stops it, the node.',
  fix: 'leave it to those who deploy, and let Pod Security admission hold the namespace',
  kinds: roleKinds,
  check: (object) =>
    grants(object, [
      { group: '', resources: ['pods', 'replicationcontrollers'], verbs },
      { group: 'apps', resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'], verbs },
      { group: 'batch', resources: ['jobs', 'cronjobs'], verbs },
    ]),
};

const verbs = ['create', 'update', 'patch'];
