import type { JsonValue } from '../../formats/index.js';
import { addedCapabilities } from '../analysis/capabilities.js';
import { listed } from '../analysis/quoted.js';
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
    const set = container.security.allowPrivilegeEscalation;
    const causes = causesOf(container);
    if (set === false && causes.length === 0) return [];
    const path = ['securityContext', 'allowPrivilegeEscalation'];
    const canEdit = set !== false && container.hasEditableSecurity;
    return [
      {
        path,
        ...described(set, causes),
        edits: canEdit ? [{ path, set: false }] : [],
        editsNeed: causes.length > 0 ? causes.map(({ ruleId }) => ruleId) : undefined,
      },
    ];
  },
};

interface Cause {
  readonly what: string;
  readonly ruleId: string;
}

/** What gives the privilege whatever the field says; with it, the API server refuses the field to be false. */
function causesOf({ security }: ContainerView): readonly Cause[] {
  const causes: Cause[] = [];
  if (security.privileged === true) causes.push({ what: 'privileged', ruleId: 'TW-K001' });
  if (addedCapabilities(security).some(({ name }) => name === 'SYS_ADMIN')) {
    causes.push({ what: 'the capability SYS_ADMIN', ruleId: 'TW-K011' });
  }
  return causes;
}

function described(set: JsonValue | undefined, causes: readonly Cause[]): Pick<Hit, 'message' | 'effective'> {
  if (set === true) {
    return { message: 'allowPrivilegeEscalation is true', effective: { value: true, from: 'container' } };
  }
  const message =
    set === false
      ? `allowPrivilegeEscalation is false, but ${listed(causes.map(({ what }) => what))} gives it`
      : 'allowPrivilegeEscalation is not set, which allows it';
  return { message, effective: { value: true, from: 'default' } };
}
