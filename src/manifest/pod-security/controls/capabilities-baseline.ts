import { findingAt, type PodSecurityControl } from '../control.js';

/** What container runtimes give by default, NET_RAW left out. */
const allowed: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Nothing is added beyond what container runtimes give by default. */
export const capabilitiesBaseline = {
  id: 'capabilities_baseline',
  name: 'capabilities',
  title: 'Capabilities',
  level: 'baseline',
  serverReason: 'non-default capabilities',
  revisions: [
    {
      since: 0,
      check: (pod) =>
        pod.containers().flatMap(({ name, securityContext }) =>
          securityContext
            .at('capabilities', 'add')
            .items()
            .filter((field) => !allowed.has(field.string() ?? ''))
            .flatMap((field) =>
              findingAt(field, {
                container: name,
                from: 'container',
                message: 'adds a capability that containers do not have by default',
                fix: 'take it out of capabilities.add',
              }),
            ),
        ),
    },
  ],
} as const satisfies PodSecurityControl;
