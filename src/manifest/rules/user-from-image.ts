import type { ContainerRule, Effective } from '../analysis/rule.js';

export const userFromImage: ContainerRule = {
  id: 'TW-K005',
  name: 'user-from-image',
  severity: 'LOW',
  scope: 'container',
  linuxOnly: true,
  title: 'The user comes from the image',
  why: 'The number of the user changes with the image, and with it who owns the files of volumes.',
  fix: 'set runAsUser to a number of your own',
  check: (container) => {
    if (container.inherited('runAsUser').value !== null) return [];
    if (container.inherited('runAsNonRoot').value !== true) return [];
    const effective: Effective = { value: null, from: 'default' };
    return [{ path: ['securityContext', 'runAsUser'], message: 'runAsUser is not set', effective }];
  },
};
