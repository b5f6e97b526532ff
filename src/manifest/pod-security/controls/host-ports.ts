import { findingAt, type ControlFinding, type PodSecurityControl } from '../control.js';
import type { Field } from '../field.js';

/** No port of the node's address is taken. */
export const hostPorts = {
  id: 'hostPorts',
  name: 'hostPorts',
  title: 'Host Ports',
  level: 'baseline',
  serverReason: 'hostPort',
  revisions: [
    {
      since: 0,
      check: (pod) => {
        const hasHostNetwork = pod.spec.at('hostNetwork').boolean() === true;
        return pod.containers().flatMap(({ name, field }) =>
          field
            .at('ports')
            .items()
            .flatMap((port) => ofPort(port, name, hasHostNetwork)),
        );
      },
    },
  ],
} as const satisfies PodSecurityControl;

/** On the node's network a port without `hostPort` gets its own number there, before admission looks at it. */
function ofPort(port: Field, container: string, hasHostNetwork: boolean): readonly ControlFinding[] {
  const hostPort = port.at('hostPort');
  const number = hostPort.integer() ?? 0;
  if (number !== 0) {
    const message = "takes a port of the node's address";
    return findingAt(hostPort, { container, from: 'container', message, fix: 'leave hostPort out' });
  }
  const containerPort = port.at('containerPort').integer() ?? 0;
  if (!hasHostNetwork || !hostPort.isReadable || containerPort === 0) return [];
  const message = "takes a port of the node's address, because the pod is on the node's network";
  const fix = 'leave hostNetwork out';
  return [{ path: hostPort.path, value: containerPort, container, from: 'default', message, fix }];
}
