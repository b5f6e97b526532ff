import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Pod } from '../pod.js';

/** Nobody asks for user 0. */
export const runAsUser = {
  id: 'runAsUser',
  name: 'runAsUser',
  title: 'Running as Non-root user',
  level: 'restricted',
  serverReason: 'runAsUser=0',
  revisions: [
    { since: 23, check: isRoot },
    { since: 35, check: (pod) => (pod.hasUserNamespace() ? [] : isRoot(pod)) },
  ],
} as const satisfies PodSecurityControl;

function isRoot(pod: Pod): readonly ControlFinding[] {
  return pod.securityContexts().flatMap(({ field: context, from, container }) => {
    const field = context.at('runAsUser');
    if (field.integer() !== 0) return [];
    const fix = 'give a user other than 0, or leave runAsUser out';
    return findingAt(field, { container, from, message: 'runs as user 0, root', fix });
  });
}
