import { quoted } from '../analysis/quoted.js';
import { bindingKinds, roleOf, subjectsOf } from '../analysis/rbac.js';
import type { Hit, ObjectRule } from '../analysis/rule.js';

export const bindingClusterAdmin: ObjectRule = {
  id: 'TW-K123',
  name: 'binding-cluster-admin',
  severity: 'HIGH',
  scope: 'object',
  title: 'Somebody is given every right',
  why: 'Who has cluster-admin can do anything; of a service account, every pod that runs as it.',
  fix: 'bind a role with the rights that are needed',
  kinds: bindingKinds,
  check: (object) => {
    const role = roleOf(object);
    if (role.kind !== 'ClusterRole' || role.name !== 'cluster-admin') return [];
    const where = object.object.kind === 'RoleBinding' ? ' in the namespace' : '';
    return subjectsOf(object)
      .filter(({ name }) => name !== 'system:masters')
      .map(({ at, kind, name }): Hit => {
        const message = `gives cluster-admin${where} to the ${subjectKinds.has(kind) ? kind : 'subject'} ${quoted(name)}`;
        return { path: ['subjects', at], message, effective: { value: role.name, from: 'object' } };
      });
  },
};

const subjectKinds: ReadonlySet<string> = new Set(['User', 'Group', 'ServiceAccount']);
