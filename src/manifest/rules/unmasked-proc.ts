import { quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';

export const unmaskedProc: ContainerRule = {
  id: 'TW-K020',
  name: 'unmasked-proc',
  severity: 'HIGH',
  scope: 'container',
  linuxOnly: true,
  title: '/proc is not masked',
  why: 'Files of /proc through which the kernel is changed, and which are hidden otherwise, lie open.',
  fix: 'leave procMount out',
  check: (container) => {
    const mount = container.security.procMount;
    if (mount === undefined || mount === null || mount === 'Default' || mount === '') return [];
    const path = ['securityContext', 'procMount'];
    const message = `procMount is ${quoted(mount)}`;
    return [{ path, message, effective: { value: mount, from: 'container' }, edits: [{ path, remove: true }] }];
  },
};
