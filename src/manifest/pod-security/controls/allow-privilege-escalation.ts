import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Pod } from '../pod.js';

/** Every container says that no process gains rights that its parent does not have. */
export const allowPrivilegeEscalation = {
  id: 'allowPrivilegeEscalation',
  name: 'allowPrivilegeEscalation',
  title: 'Privilege Escalation',
  level: 'restricted',
  serverReason: 'allowPrivilegeEscalation != false',
  revisions: [
    { since: 8, check: unlessForbidden },
    { since: 25, check: (pod) => (pod.isWindows() ? [] : unlessForbidden(pod)) },
  ],
} as const satisfies PodSecurityControl;

function unlessForbidden(pod: Pod): readonly ControlFinding[] {
  return pod.containers().flatMap(({ name, securityContext }) => {
    const field = securityContext.at('allowPrivilegeEscalation');
    if (field.boolean() === false) return [];
    return findingAt(field, {
      container: name,
      from: field.isSet ? 'container' : 'default',
      message: `allowPrivilegeEscalation ${field.isSet ? 'is true' : 'is not set'}: a process may gain more rights than its parent has`,
      fix: 'set allowPrivilegeEscalation to false',
    });
  });
}
