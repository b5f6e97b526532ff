import type { ContainerRule } from '../analysis/rule.js';

export const rootGroup: ContainerRule = {
  id: 'TW-K007',
  name: 'root-group',
  severity: 'LOW',
  scope: 'container',
  linuxOnly: true,
  title: 'A container runs in the group of root',
  why: 'Files that the group of root may read or write are open to it, on volumes and in the image.',
  fix: 'set runAsGroup to a number above 0',
  check: (container) => {
    const group = container.inherited('runAsGroup');
    const path = ['securityContext', 'runAsGroup'];
    if (group.value === 0) return [{ path, message: 'runAsGroup is 0', effective: group }];
    if (group.value !== null) return [];
    return [{ path, message: 'runAsGroup is not set: mostly the group of root', effective: group }];
  },
};
