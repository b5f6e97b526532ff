import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Field } from '../field.js';
import type { Pod } from '../pod.js';

/** All capabilities are dropped; only binding low ports may be added. */
export const capabilitiesRestricted = {
  id: 'capabilities_restricted',
  name: 'capabilities',
  title: 'Capabilities',
  level: 'restricted',
  serverReason: 'unrestricted capabilities',
  replaces: 'capabilities_baseline',
  revisions: [
    { since: 22, check: allDropped },
    { since: 25, check: (pod) => (pod.isWindows() ? [] : allDropped(pod)) },
  ],
} as const satisfies PodSecurityControl;

function allDropped(pod: Pod): readonly ControlFinding[] {
  return pod.containers().flatMap(({ name, securityContext }) => {
    const capabilities = securityContext.at('capabilities');
    return [...ofDropped(capabilities.at('drop'), name), ...ofAdded(capabilities.at('add'), name)];
  });
}

function ofDropped(drop: Field, container: string): readonly ControlFinding[] {
  if (drop.items().some((field) => field.string() === 'ALL')) return [];
  return findingAt(drop, {
    container,
    from: drop.isSet ? 'container' : 'default',
    message: 'does not drop all capabilities',
    fix: 'set capabilities.drop to ["ALL"], in capitals',
  });
}

function ofAdded(add: Field, container: string): readonly ControlFinding[] {
  return add
    .items()
    .filter((field) => field.string() !== 'NET_BIND_SERVICE')
    .flatMap((field) =>
      findingAt(field, {
        container,
        from: 'container',
        message: 'adds a capability other than NET_BIND_SERVICE',
        fix: 'take it out of capabilities.add',
      }),
    );
}
