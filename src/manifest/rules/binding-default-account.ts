import { quoted } from '../analysis/quoted.js';
import { bindingKinds, roleOf, type Subject, subjectsOf } from '../analysis/rbac.js';
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
      .filter(isDefault)
      .map(({ at, namespace, name }): Hit => {
        const message = `gives ${quoted(roleOf(object).name)} to the default account of ${namespaceWords(namespace ?? name.split(':')[2])}`;
        return { path: ['subjects', at], message, effective: { value: name, from: 'object' } };
      }),
};

/** By its kind, or by the user that it is to the API server. */
function isDefault({ kind, name }: Subject): boolean {
  return kind === 'ServiceAccount' ? name === 'default' : /^system:serviceaccount:[^:]{1,63}:default$/.test(name);
}

function namespaceWords(namespace: string | undefined): string {
  return namespace === undefined ? 'its namespace' : quoted(namespace);
}
