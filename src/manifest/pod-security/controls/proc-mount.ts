import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Pod } from '../pod.js';

/** /proc keeps its masks. */
export const procMount = {
  id: 'procMount',
  name: 'procMount',
  title: '/proc Mount Type',
  level: 'baseline',
  serverReason: 'procMount',
  revisions: [
    { since: 0, check: unmaskedProc },
    { since: 35, check: (pod) => (pod.hasUserNamespace() ? [] : unmaskedProc(pod)) },
  ],
} as const satisfies PodSecurityControl;

/** Containers that see more of /proc than the runtime shows by default. */
export function unmaskedProc(pod: Pod): readonly ControlFinding[] {
  return pod.containers().flatMap(({ name, securityContext }) => {
    const field = securityContext.at('procMount');
    if (!field.isSet || field.string() === 'Default') return [];
    return findingAt(field, {
      container: name,
      from: 'container',
      message: 'sees parts of /proc that are hidden by default',
      fix: 'set procMount to Default, or leave it out',
    });
  });
}
