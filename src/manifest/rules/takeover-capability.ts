import { addedCapabilities, takeoverCapabilities } from '../analysis/capabilities.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const takeoverCapability: ContainerRule = {
  id: 'TW-K011',
  name: 'takeover-capability',
  severity: 'CRITICAL',
  scope: 'container',
  linuxOnly: true,
  title: 'A container has a capability that gives the node away',
  why: "With it a process can mount the node's disks, load code into its kernel or write to its memory.",
  fix: 'take it out of capabilities.add',
  check: ({ security }) =>
    addedCapabilities(security)
      .filter(({ name }) => takeoverCapabilities.has(name))
      .map(({ name, at }): Hit => {
        const path = ['securityContext', 'capabilities', 'add', at];
        const message = name === 'ALL' ? 'adds all capabilities' : `adds the capability ${name}`;
        return { path, message, effective: { value: name, from: 'container' }, edits: [{ path, remove: true }] };
      }),
};
