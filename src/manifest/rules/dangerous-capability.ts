import { addedCapabilities, dangerousCapabilities } from '../analysis/capabilities.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const dangerousCapability: ContainerRule = {
  id: 'TW-K012',
  name: 'dangerous-capability',
  severity: 'HIGH',
  scope: 'container',
  linuxOnly: true,
  title: 'A container has a capability that reaches beyond it',
  why: 'With it a process can watch other processes, read any file, change the network or blind the audit of the node.',
  fix: 'take it out of capabilities.add',
  check: ({ security }) =>
    addedCapabilities(security)
      .filter(({ name }) => dangerousCapabilities.has(name))
      .map(({ name, at }): Hit => {
        const path = ['securityContext', 'capabilities', 'add', at];
        const message = `adds the capability ${name}`;
        return { path, message, effective: { value: name, from: 'container' }, edits: [{ path, remove: true }] };
      }),
};
