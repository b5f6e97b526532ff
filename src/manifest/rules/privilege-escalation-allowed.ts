import { addedCapabilities } from '../analysis/capabilities.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';
import type { ContainerView } from '../analysis/views.js';

export const privilegeEscalationAllowed: ContainerRule = {
  id: 'TW-K002',
  name: 'privilege-escalation-allowed',
  severity: 'MEDIUM',
  scope: 'container',
  linuxOnly: true,
  title: 'A process may gain more privileges than its parent',
  why: 'Without this bar a process can become root through a set-uid program that lies in the image.',
  fix: 'set securityContext.allowPrivilegeEscalation to false',
  check: (container) => {
    const { security } = container;
    if (security.allowPrivilegeEscalation === false && !impliedBy(container)) return [];
    const path = ['securityContext', 'allowPrivilegeEscalation'];
    const { message, effective } = described(container);
    return [{ path, message, effective, edits: container.hasEditableSecurity ? [{ path, set: false }] : [] }];
  },
};

/** What gives the privilege whatever the field says. */
function impliedBy({ security }: ContainerView): string | undefined {
  if (security.privileged === true) return 'privileged';
  return addedCapabilities(security).some(({ name }) => name === 'SYS_ADMIN') ? 'the capability SYS_ADMIN' : undefined;
}

function described(container: ContainerView): Pick<Hit, 'message' | 'effective'> {
  const set = container.security.allowPrivilegeEscalation;
  if (set === true) {
    return { message: 'allowPrivilegeEscalation is true', effective: { value: true, from: 'container' } };
  }
  const cause = impliedBy(container);
  const message =
    set === false
      ? `allowPrivilegeEscalation is false, but ${cause ?? 'something'} implies it`
      : 'allowPrivilegeEscalation is not set, which allows it';
  return { message, effective: { value: true, from: 'default' } };
}
