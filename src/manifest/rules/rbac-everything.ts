import { policyRulesOf, roleKinds } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const rbacEverything: ObjectRule = {
  id: 'TW-K100',
  name: 'rbac-everything',
  severity: 'CRITICAL',
  scope: 'object',
  title: 'A role grants everything',
  why: 'Whoever has the role can do anything, in its namespace or in the whole cluster.',
  fix: 'name the verbs and resources that are needed',
  kinds: roleKinds,
  check: (object) =>
    policyRulesOf(object).flatMap(({ at, verbs, groups, resources }): Hit[] => {
      if (![verbs, groups, resources].every((list) => list.includes('*'))) return [];
      return [
        {
          path: ['rules', at],
          message: 'grants every verb on every resource',
          effective: { value: '*', from: 'object' },
        },
      ];
    }),
};
