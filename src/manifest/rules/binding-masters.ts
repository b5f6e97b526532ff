import { quoted } from '../analysis/quoted.js';
import { bindingKinds, roleOf, subjectsOf } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const bindingMasters: ObjectRule = {
  id: 'TW-K122',
  name: 'binding-masters',
  severity: 'CRITICAL',
  scope: 'object',
  title: 'The group that may do everything is named',
  why: 'Who is in system:masters passes every check of the API server, and cannot be shut out by taking rights away.',
  fix: 'make a group of your own',
  kinds: bindingKinds,
  check: (object) =>
    subjectsOf(object)
      .filter(({ kind, name }) => kind !== 'ServiceAccount' && name === 'system:masters')
      .map(({ at, name }): Hit => {
        const message = `gives ${quoted(roleOf(object).name)} to ${name}`;
        return { path: ['subjects', at], message, effective: { value: name, from: 'object' } };
      }),
};
