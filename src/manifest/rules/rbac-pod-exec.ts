import { grants, roleKinds } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacPodExec: ObjectRule = {
  id: 'TW-K107',
  name: 'rbac-pod-exec',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder into running containers',
  why: 'With it one acts as that pod, with its secrets and its service account.',
  fix: 'take pods/exec, pods/attach, pods/portforward and pods/ephemeralcontainers away',
  kinds: roleKinds,
  check: (object) =>
    grants(object, [
      {
        group: '',
        resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy'],
        verbs: ['create', 'get'],
      },
      { group: '', resources: ['pods/ephemeralcontainers'], verbs: ['update', 'patch'] },
    ]),
};
