import { addedCapabilities, lesserCapabilities } from '../analysis/capabilities.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const capabilityAdded: ContainerRule = {
  id: 'TW-K013',
  name: 'capability-added',
  severity: 'LOW',
  scope: 'container',
  linuxOnly: true,
  title: 'A container adds a capability',
  why: 'Every capability is one more thing that somebody who gets in can do.',
  fix: 'take it out of capabilities.add unless the program fails without it',
  check: ({ security }) =>
    addedCapabilities(security)
      .filter(({ name }) => lesserCapabilities.has(name) && name !== 'NET_BIND_SERVICE')
      .map(({ name, at }): Hit => {
        const path = ['securityContext', 'capabilities', 'add', at];
        return { path, message: `adds the capability ${name}`, effective: { value: name, from: 'container' } };
      }),
};
