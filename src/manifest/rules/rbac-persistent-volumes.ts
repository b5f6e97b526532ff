import { grants } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacPersistentVolumes: ObjectRule = {
  id: 'TW-K113',
  name: 'rbac-persistent-volumes',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder make persistent volumes',
  why: 'A volume with hostPath is any directory of a node, whatever pods themselves may ask for.',
  fix: 'let a storage class make volumes',
  kinds: ['ClusterRole'],
  check: (object) =>
    grants(object, [{ group: '', resources: ['persistentvolumes'], verbs: ['create', 'update', 'patch'] }]),
};
