import {
  addedCapabilities,
  dangerousCapabilities,
  lesserCapabilities,
  takeoverCapabilities,
} from '../analysis/capabilities.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const unknownCapability: ContainerRule = {
  id: 'TW-K014',
  name: 'unknown-capability',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'A capability is not known',
  why: 'The runtime refuses the container, or it does not do what was meant.',
  fix: 'write the name of a capability of Linux, such as NET_BIND_SERVICE',
  check: ({ security }) =>
    addedCapabilities(security)
      .filter(
        ({ name }) => ![takeoverCapabilities, dangerousCapabilities, lesserCapabilities].some((set) => set.has(name)),
      )
      .map(({ text, at }): Hit => {
        const path = ['securityContext', 'capabilities', 'add', at];
        return {
          path,
          message: `${quoted(text)} is no capability of Linux`,
          effective: { value: text, from: 'container' },
        };
      }),
};
