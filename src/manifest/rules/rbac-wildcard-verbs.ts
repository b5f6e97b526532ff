import { listed, quoted } from '../analysis/quoted.js';
import { policyRulesOf, roleKinds } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const rbacWildcardVerbs: ObjectRule = {
  id: 'TW-K101',
  name: 'rbac-wildcard-verbs',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role grants every verb',
  why: 'Verbs that nobody thought of, such as delete, bind or impersonate, are granted too, and those that later versions bring.',
  fix: 'name the verbs that are needed',
  kinds: roleKinds,
  check: (object) =>
    policyRulesOf(object).flatMap(({ at, verbs, groups, resources }): Hit[] => {
      if (!verbs.includes('*') || (groups.includes('*') && resources.includes('*'))) return [];
      const message = `grants every verb on ${listed(resources.map(quoted)) || 'addresses'}`;
      return [{ path: ['rules', at, 'verbs'], message, effective: { value: '*', from: 'object' } }];
    }),
};
