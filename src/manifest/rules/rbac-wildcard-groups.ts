import { listed, quoted } from '../analysis/quoted.js';
import { policyRulesOf, roleKinds } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const rbacWildcardGroups: ObjectRule = {
  id: 'TW-K103',
  name: 'rbac-wildcard-groups',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A role covers every API group',
  why: 'Resources of that name in any add-on are covered too.',
  fix: 'name the API groups that are needed',
  kinds: roleKinds,
  check: (object) =>
    policyRulesOf(object).flatMap(({ at, groups, resources }): Hit[] => {
      if (!groups.includes('*') || resources.includes('*') || resources.length === 0) return [];
      const message = `covers ${listed(resources.map(quoted))} of every API group`;
      return [{ path: ['rules', at, 'apiGroups'], message, effective: { value: '*', from: 'object' } }];
    }),
};
