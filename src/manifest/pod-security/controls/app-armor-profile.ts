import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Pod } from '../pod.js';

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const fix = 'take RuntimeDefault or Localhost, or leave the profile out';

/** AppArmor profiles are those of the runtime or files of the node, by field or by annotation. */
export const appArmorProfile = {
  id: 'appArmorProfile',
  name: 'appArmorProfile',
  title: 'AppArmor',
  level: 'baseline',
  serverReason: 'forbidden AppArmor profile',
  revisions: [{ since: 0, check: (pod) => [...ofFields(pod), ...ofAnnotations(pod)] }],
} as const satisfies PodSecurityControl;

function ofFields(pod: Pod): readonly ControlFinding[] {
  return pod.securityContexts().flatMap(({ field, from, container }) => {
    const profile = field.at('appArmorProfile');
    if (!profile.isMapping()) return [];
    const type = profile.at('type');
    const text = type.string() ?? '';
    if (text === 'RuntimeDefault' || text === 'Localhost') return [];
    const message = type.isSet
      ? 'the AppArmor profile lifts the default protection'
      : 'the AppArmor profile has no type';
    return findingAt(type, { container, from, message, fix });
  });
}

/** Any container may be named behind the prefix, also one that is not there. */
function ofAnnotations(pod: Pod): readonly ControlFinding[] {
  return pod.annotations.members().flatMap(({ key, field }) => {
    if (!key.startsWith(annotationPrefix)) return [];
    const text = field.string() ?? '';
    if (text === '' || text === 'runtime/default' || text.startsWith('localhost/')) return [];
    return findingAt(field, {
      container: key.slice(annotationPrefix.length),
      from: 'annotation',
      message: 'the annotation asks for an AppArmor profile that lifts the default protection',
      fix: 'take runtime/default or localhost/..., or leave the annotation out',
    });
  });
}
