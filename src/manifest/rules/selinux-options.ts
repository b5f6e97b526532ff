import { asObject, type JsonValue } from '../../formats/index.js';
import { listed, quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';

export const selinuxOptions: ContainerRule = {
  id: 'TW-K019',
  name: 'selinux-options',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'The SELinux context is chosen by hand',
  why: 'A user, a role or an unusual type of SELinux can switch off what separates containers from the node.',
  fix: 'leave out user, role and type, or use a type such as container_t',
  check: (container) => {
    const options = container.inherited('seLinuxOptions');
    const { user, role, type } = asObject(options.value) ?? {};
    const chosen = Object.entries({ user, role, type }).filter(
      ([field, value]) =>
        value !== undefined && value !== null && value !== '' && !(field === 'type' && isUsual(value)),
    );
    if (chosen.length === 0) return [];
    const message = `seLinuxOptions sets ${listed(chosen.map(([field, value]) => `${field} ${quoted(value)}`))}`;
    return [
      { path: ['securityContext', 'seLinuxOptions'], message, effective: { value: options.value, from: options.from } },
    ];
  },
};

function isUsual(type: JsonValue): boolean {
  return (
    type === 'container_t' || type === 'container_init_t' || type === 'container_kvm_t' || type === 'container_engine_t'
  );
}
