import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Field } from '../field.js';
import type { Pod } from '../pod.js';

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';

/** A seccomp profile that is given filters system calls. */
export const seccompProfileBaseline = {
  id: 'seccompProfile_baseline',
  name: 'seccompProfile',
  title: 'Seccomp',
  level: 'baseline',
  serverReason: 'seccompProfile',
  revisions: [
    { since: 0, check: ofAnnotations },
    { since: 19, check: (pod) => pod.securityContexts().flatMap((context) => unconfinedSeccomp(context)) },
  ],
} as const satisfies PodSecurityControl;

/** A profile that is written, and is neither the runtime's nor one of the node's files. */
export function unconfinedSeccomp(of: {
  readonly field: Field;
  readonly from: 'pod' | 'container';
  readonly container?: string;
}): readonly ControlFinding[] {
  const profile = of.field.at('seccompProfile');
  const type = profile.at('type');
  if (!profile.isMapping() || confines(type)) return [];
  const { from, container } = of;
  const message = type.isSet ? 'the seccomp profile filters no system calls' : 'the seccomp profile has no type';
  return findingAt(type, { container, from, message, fix: 'take RuntimeDefault or Localhost' });
}

function confines(type: Field): boolean {
  const text = type.string();
  return text === 'RuntimeDefault' || text === 'Localhost';
}

/** Only of containers that are there; an empty annotation is a profile too, and none that is allowed. */
function ofAnnotations(pod: Pod): readonly ControlFinding[] {
  const containers = new Map(pod.containers().map(({ name }) => [containerAnnotation + name, name]));
  return pod.annotations.members().flatMap(({ key, field }) => {
    const container = containers.get(key);
    if (container === undefined && key !== podAnnotation) return [];
    const text = field.string() ?? '';
    if (text === 'runtime/default' || text === 'docker/default' || text.startsWith('localhost/')) return [];
    return findingAt(field, {
      container,
      from: 'annotation',
      message: 'the annotation asks for a seccomp profile that filters no system calls',
      fix: 'take runtime/default or localhost/..., or leave the annotation out',
    });
  });
}
