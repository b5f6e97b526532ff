import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Pod } from '../pod.js';

const fix = 'set runAsNonRoot to true, for the pod or for each container';

/** Every container is made to run as another user than root. */
export const runAsNonRoot = {
  id: 'runAsNonRoot',
  name: 'runAsNonRoot',
  title: 'Running as Non-root',
  level: 'restricted',
  serverReason: 'runAsNonRoot != true',
  revisions: [
    { since: 0, check: mayBeRoot },
    { since: 35, check: (pod) => (pod.hasUserNamespace() ? [] : mayBeRoot(pod)) },
  ],
} as const satisfies PodSecurityControl;

/** The pod's `false` is a finding also where every container overrides it. */
function mayBeRoot(pod: Pod): readonly ControlFinding[] {
  const ofPod = pod.securityContext.at('runAsNonRoot');
  const inherited = ofPod.boolean();
  // What the pod says wrongly, or illegibly, is not said again of each container.
  const isInherited = inherited !== undefined || !ofPod.isReadable;
  const findings: ControlFinding[] = [];
  if (inherited === false) {
    findings.push(
      ...findingAt(ofPod, { from: 'pod', message: 'runAsNonRoot is false: containers may run as root', fix }),
    );
  }
  for (const { name, securityContext } of pod.containers()) {
    const field = securityContext.at('runAsNonRoot');
    const own = field.boolean();
    if (own ?? isInherited) continue;
    const from = own === false ? 'container' : 'default';
    const message = `runAsNonRoot ${own === false ? 'is false' : 'is not set'}: the container may run as root`;
    findings.push(...findingAt(field, { container: name, from, message, fix }));
  }
  return findings;
}
