import { quoted } from '../analysis/quoted.js';
import { policyRulesOf } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const rbacWildcardUrls: ObjectRule = {
  id: 'TW-K104',
  name: 'rbac-wildcard-urls',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'A role covers every address of the API server',
  why: 'Debugging, profiling and log addresses are among them.',
  fix: 'name the addresses that are needed',
  kinds: ['ClusterRole'],
  check: (object) =>
    policyRulesOf(object).flatMap(({ at, urls }): Hit[] => {
      const wide = urls.find((url) => url === '*' || url === '/*');
      if (wide === undefined) return [];
      return [
        {
          path: ['rules', at, 'nonResourceURLs'],
          message: `covers ${quoted(wide)}`,
          effective: { value: wide, from: 'object' },
        },
      ];
    }),
};
