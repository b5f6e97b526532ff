import type { ContainerRule, Effective } from '../analysis/rule.js';

export const writableRootFilesystem: ContainerRule = {
  id: 'TW-K010',
  name: 'writable-root-filesystem',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'The root filesystem can be written to',
  why: 'Whoever gets in can change programs and leave tools behind.',
  fix: 'set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where files are written',
  check: (container) => {
    const value = container.security.readOnlyRootFilesystem;
    if (value === true) return [];
    const path = ['securityContext', 'readOnlyRootFilesystem'];
    const effective: Effective = { value: false, from: value === false ? 'container' : 'default' };
    const message = `readOnlyRootFilesystem is ${value === false ? 'false' : 'not set'}`;
    return [{ path, message, effective, edits: container.hasEditableSecurity ? [{ path, set: true }] : [] }];
  },
};
