import { grants, roleKinds } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacTokenCreate: ObjectRule = {
  id: 'TW-K110',
  name: 'rbac-token-create',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder make tokens of service accounts',
  why: 'With it one becomes any service account of the namespace.',
  fix: 'name the service accounts in resourceNames, or take serviceaccounts/token away',
  kinds: roleKinds,
  check: (object) => grants(object, [{ group: '', resources: ['serviceaccounts/token'], verbs: ['create'] }]),
};
