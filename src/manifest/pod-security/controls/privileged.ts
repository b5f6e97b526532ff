import { findingAt, type PodSecurityControl } from '../control.js';

/** No container is privileged. */
export const privileged = {
  id: 'privileged',
  name: 'privileged',
  title: 'Privileged Containers',
  level: 'baseline',
  serverReason: 'privileged',
  revisions: [
    {
      since: 0,
      check: (pod) =>
        pod.containers().flatMap(({ name, securityContext }) => {
          const field = securityContext.at('privileged');
          if (field.boolean() !== true) return [];
          const message = 'is privileged: hardly anything stands between it and the node';
          return findingAt(field, {
            container: name,
            from: 'container',
            message,
            fix: 'set privileged to false, or leave it out',
          });
        }),
    },
  ],
} as const satisfies PodSecurityControl;
