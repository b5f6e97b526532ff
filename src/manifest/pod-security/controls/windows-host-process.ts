import { findingAt, type PodSecurityControl } from '../control.js';

/** Nothing runs as a process of a Windows node itself. */
export const windowsHostProcess = {
  id: 'windowsHostProcess',
  name: 'windowsHostProcess',
  title: 'HostProcess',
  level: 'baseline',
  serverReason: 'hostProcess',
  revisions: [
    {
      since: 0,
      check: (pod) =>
        pod.securityContexts().flatMap(({ field: context, from, container }) => {
          const field = context.at('windowsOptions', 'hostProcess');
          if (field.boolean() !== true) return [];
          const message = 'runs as a process of the Windows node itself';
          return findingAt(field, { container, from, message, fix: 'set hostProcess to false, or leave it out' });
        }),
    },
  ],
} as const satisfies PodSecurityControl;
