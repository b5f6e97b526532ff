import { findingAt, type PodSecurityControl } from '../control.js';

const handlers = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
] as const;

/** Probes and hooks reach only the pod itself. */
export const hostProbesAndHostLifecycle = {
  id: 'hostProbesAndHostLifecycle',
  name: 'hostProbesAndHostLifecycle',
  title: 'Host Probes / Lifecycle Hooks',
  level: 'baseline',
  serverReason: 'probe or lifecycle host',
  revisions: [
    {
      since: 34,
      check: (pod) =>
        pod.containers().flatMap(({ name, field: container }) =>
          handlers
            .map((keys) => container.at(...keys))
            .flatMap((handler) => [handler.at('httpGet', 'host'), handler.at('tcpSocket', 'host')])
            .filter((host) => (host.string() ?? '') !== '')
            .flatMap((host) =>
              findingAt(host, {
                container: name,
                from: 'container',
                message: "the node's kubelet connects to a host of the pod's choice",
                fix: 'leave host out, so that the pod itself is asked',
              }),
            ),
        ),
    },
  ],
} as const satisfies PodSecurityControl;
