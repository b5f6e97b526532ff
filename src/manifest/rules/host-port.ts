import { asArray, asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const hostPort: ContainerRule = {
  id: 'TW-K026',
  name: 'host-port',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'A container takes a port of the node',
  why: "The port is open on the node's own address, past Services and often past network policies.",
  fix: 'leave hostPort out and use a Service',
  check: ({ value }) =>
    (asArray(value.ports) ?? []).flatMap((item, at): Hit[] => {
      const port = asObject(item)?.hostPort;
      if (port === undefined || port === null || port === 0) return [];
      const path = ['ports', at, 'hostPort'];
      return [
        { path, message: `takes port ${quoted(port)} of the node`, effective: { value: port, from: 'container' } },
      ];
    }),
};
