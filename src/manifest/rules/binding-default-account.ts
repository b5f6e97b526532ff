import { quoted } from '../analysis/quoted.js';
import { bindingKinds, roleOf, subjectsOf } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const bindingDefaultAccount: ObjectRule = {
  id: 'TW-K124',
  name: 'binding-default-account',
  severity: 'MEDIUM',
  scope: 'object',
  title: 'Rights are given to a default service account',
  why: 'Every pod of the namespace that names no account has them.',
  fix: 'make a ServiceAccount for the pods that need the role',
  kinds: bindingKinds,
  check: (object) =>
    subjectsOf(object)
      .filter(({ kind, name }) => kind === 'ServiceAccount' && name === 'default')
      .map(({ at, namespace, name }): Hit => {
        const message = `gives ${quoted(roleOf(object).name)} to the default account of ${namespace === undefined ? 'its namespace' : quoted(namespace)}`;
        return { path: ['subjects', at], message, effective: { value: name, from: 'object' } };
      }),
};
