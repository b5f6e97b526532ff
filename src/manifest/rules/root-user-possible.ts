import type { ContainerRule, Effective } from '../analysis/rule.js';

export const rootUserPossible: ContainerRule = {
  id: 'TW-K004',
  name: 'root-user-possible',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'A container may run as root',
  why: 'Which user it is depends on the image alone, and a new image may quietly be root again.',
  fix: 'set securityContext.runAsNonRoot to true',
  check: (container) => {
    const user = container.inherited('runAsUser');
    if (typeof user.value === 'number') return [];
    const nonRoot = container.inherited('runAsNonRoot');
    if (nonRoot.value === true) return [];
    const path = ['securityContext', 'runAsNonRoot'];
    const message =
      nonRoot.value === false
        ? `runAsNonRoot is false${nonRoot.from === 'pod' ? ' for the whole pod' : ''} and runAsUser is not set`
        : 'neither runAsNonRoot nor runAsUser is set';
    const effective: Effective = { value: false, from: nonRoot.from };
    return [{ path, message, effective, edits: container.hasEditableSecurity ? [{ path, set: true }] : [] }];
  },
};
