import { findingAt, type PodSecurityControl } from '../control.js';

const namespaces = [
  { key: 'hostNetwork', message: "shares the node's network" },
  { key: 'hostPID', message: "sees all of the node's processes" },
  { key: 'hostIPC', message: "shares the node's memory segments and queues between processes" },
] as const;

/** No network, processes or memory of the node are shared. */
export const hostNamespaces = {
  id: 'hostNamespaces',
  name: 'hostNamespaces',
  title: 'Host Namespaces',
  level: 'baseline',
  serverReason: 'host namespaces',
  revisions: [
    {
      since: 0,
      check: (pod) =>
        namespaces.flatMap(({ key, message }) => {
          const field = pod.spec.at(key);
          if (field.boolean() !== true) return [];
          return findingAt(field, { from: 'pod', message, fix: `set ${key} to false, or leave it out` });
        }),
    },
  ],
} as const satisfies PodSecurityControl;
