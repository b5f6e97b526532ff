import { listed, quoted } from '../analysis/quoted.js';
import { policyRulesOf, roleKinds } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const rbacWildcardResources: ObjectRule = {
  id: 'TW-K102',
  name: 'rbac-wildcard-resources',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role covers every resource',
  why: 'Secrets and roles are among them, and those that later versions or add-ons bring.',
  fix: 'name the resources that are needed',
  kinds: roleKinds,
  check: (object) =>
    policyRulesOf(object).flatMap(({ at, verbs, groups, resources }): Hit[] => {
      if (!resources.includes('*') || (verbs.includes('*') && groups.includes('*'))) return [];
      const message = `grants ${listed(verbs.map(quoted))} on every resource of ${listed(groups.map((group) => (group === '' ? 'the core group' : quoted(group))))}`;
      return [{ path: ['rules', at, 'resources'], message, effective: { value: '*', from: 'object' } }];
    }),
};
