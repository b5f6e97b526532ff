import { listed, quoted } from '../analysis/quoted.js';
import { policyRulesOf, roleKinds } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const rbacEscalation: ObjectRule = {
  id: 'TW-K105',
  name: 'rbac-escalation',
  severity: 'HIGH',
  scope: 'object',
  title: 'A role lets its holder gain other rights',
  why: 'With escalate and bind one grants oneself more than one has; with impersonate one acts as somebody else.',
  fix: 'take escalate, bind and impersonate away',
  kinds: roleKinds,
  check: (object) =>
    policyRulesOf(object).flatMap(({ at, verbs, names }): Hit[] => {
      const found = verbs.filter(
        (verb) => verb === 'escalate' || verb === 'impersonate' || (verb === 'bind' && names.length === 0),
      );
      if (found.length === 0) return [];
      return [
        {
          path: ['rules', at, 'verbs'],
          message: `grants ${listed(found.map(quoted))}`,
          effective: { value: found, from: 'object' },
        },
      ];
    }),
};
