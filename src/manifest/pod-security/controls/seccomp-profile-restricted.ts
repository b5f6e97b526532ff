import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Pod } from '../pod.js';
import { unconfinedSeccomp } from './seccomp-profile-baseline.js';

/** Every container has a seccomp profile that filters system calls. */
export const seccompProfileRestricted = {
  id: 'seccompProfile_restricted',
  name: 'seccompProfile',
  title: 'Seccomp',
  level: 'restricted',
  serverReason: 'seccompProfile',
  replaces: 'seccompProfile_baseline',
  revisions: [
    { since: 19, check: notConfined },
    { since: 25, check: (pod) => (pod.isWindows() ? [] : notConfined(pod)) },
  ],
} as const satisfies PodSecurityControl;

/** What the pod says wrongly, or illegibly, is not said again of each container. */
function notConfined(pod: Pod): readonly ControlFinding[] {
  const ofPod = pod.securityContext.at('seccompProfile');
  const isInherited = ofPod.isMapping() || !ofPod.isReadable;
  return pod.securityContexts().flatMap((context) => {
    const profile = context.field.at('seccompProfile');
    if (profile.isSet) return unconfinedSeccomp(context);
    if (context.from === 'pod' || isInherited) return [];
    return findingAt(profile.at('type'), {
      container: context.container,
      from: 'default',
      message: 'no seccomp profile is set: unless the node has a default, no system calls are filtered',
      fix: 'set seccompProfile.type to RuntimeDefault, for the pod or for each container',
    });
  });
}
