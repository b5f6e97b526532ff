import { quoted } from '../analysis/quoted.js';
import { bindingKinds, roleOf, subjectsOf } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const bindingAnonymous: ObjectRule = {
  id: 'TW-K120',
  name: 'binding-anonymous',
  severity: 'CRITICAL',
  scope: 'object',
  title: 'Rights are given to those who have not logged in',
  why: 'Everybody who reaches the API server has the role.',
  fix: 'take system:anonymous and system:unauthenticated away',
  kinds: bindingKinds,
  check: (object) => {
    const role = roleOf(object).name;
    // What the API server itself gives to everybody: its version and whether it lives.
    if (role === 'system:public-info-viewer') return [];
    return subjectsOf(object)
      .filter(({ name }) => name === 'system:anonymous' || name === 'system:unauthenticated')
      .map(({ at, name }): Hit => {
        const message = `gives ${quoted(role)} to ${name}`;
        return { path: ['subjects', at], message, effective: { value: name, from: 'object' } };
      });
  },
};
