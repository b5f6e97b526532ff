import { grants, roleKinds } from '../analysis/rbac.js';
import type { ObjectRule } from '../analysis/rule.js';

export const rbacSecrets: ObjectRule = {
  id: 'TW-K106',
  name: 'rbac-secrets',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder read secrets',
  why: 'Passwords, keys and the tokens of service accounts are among them; list and watch show the values too.',
  fix: 'name the Secrets in resourceNames and grant get alone',
  kinds: roleKinds,
  check: (object) => grants(object, [{ group: '', resources: ['secrets'], verbs: ['get', 'list', 'watch'] }]),
};
