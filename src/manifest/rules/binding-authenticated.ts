import { quoted } from '../analysis/quoted.js';
import { bindingKinds, roleOf, subjectsOf } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const bindingAuthenticated: ObjectRule = {
  id: 'TW-K121',
  name: 'binding-authenticated',
  severity: 'HIGH',
  scope: 'object',
  title: 'Rights are given to everybody who has logged in, or to all service accounts',
  why: 'Everybody in the group has the role, and so has every pod with a token of one of its service accounts.',
  fix: 'name the users, groups or service accounts that need it',
  kinds: bindingKinds,
  check: (object) => {
    const role = roleOf(object).name;
    if (harmless.has(role)) return [];
    return subjectsOf(object)
      .filter(
        ({ kind, name }) =>
          kind === 'Group' && (name === 'system:authenticated' || /^system:serviceaccounts(?:$|:)/.test(name)),
      )
      .map(({ at, name }): Hit => {
        const message = `gives ${quoted(role)} to ${quoted(name)}`;
        return { path: ['subjects', at], message, effective: { value: name, from: 'object' } };
      });
  },
};

/** Roles that the API server itself gives to everybody. */
const harmless: ReadonlySet<string> = new Set([
  'system:basic-user',
  'system:discovery',
  'system:public-info-viewer',
  'system:service-account-issuer-discovery',
]);
