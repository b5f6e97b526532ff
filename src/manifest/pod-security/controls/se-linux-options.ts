import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Field } from '../field.js';
import type { Pod } from '../pod.js';

const typesAtFirst = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** SELinux types are those for containers; user and role stay as they are. */
export const seLinuxOptions = {
  id: 'seLinuxOptions',
  name: 'seLinuxOptions',
  title: 'SELinux',
  level: 'baseline',
  serverReason: 'seLinuxOptions',
  revisions: [
    { since: 0, check: (pod) => forbiddenOptions(pod, typesAtFirst) },
    { since: 31, check: (pod) => forbiddenOptions(pod, [...typesAtFirst, 'container_engine_t']) },
  ],
} as const satisfies PodSecurityControl;

function forbiddenOptions(pod: Pod, types: readonly string[]): readonly ControlFinding[] {
  return pod.securityContexts().flatMap(({ field: context, from, container }) => {
    const options = context.at('seLinuxOptions');
    const found = (field: Field, message: string, fix: string): readonly ControlFinding[] =>
      findingAt(field, { container, from, message, fix });
    const findings: ControlFinding[] = [];
    const type = options.at('type');
    if (!types.includes(type.string() ?? '')) {
      findings.push(...found(type, 'an SELinux type that may do more', `take ${types.slice(1).join(' or ')}`));
    }
    for (const key of ['user', 'role'] as const) {
      const field = options.at(key);
      if ((field.string() ?? '') !== '')
        findings.push(...found(field, `an SELinux ${key} is chosen`, `leave ${key} out`));
    }
    return findings;
  });
}
