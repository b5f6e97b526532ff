import { asArray, asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const remoteControlPort: ContainerRule = {
  id: 'TW-K074',
  name: 'remote-control-port',
  severity: 'LOW',
  scope: 'container',
  title: 'A container opens a port for remote control',
  why: 'A shell or a control service inside a container is one more way in, past the API server and its log.',
  fix: 'leave it out and use kubectl exec',
  check: ({ value }) =>
    (asArray(value.ports) ?? []).flatMap((item, at): Hit[] => {
      const port = asObject(item)?.containerPort;
      const service = typeof port === 'number' ? services.get(port) : undefined;
      if (service === undefined) return [];
      const message = `port ${quoted(port)} is that of ${service}`;
      return [{ path: ['ports', at, 'containerPort'], message, effective: { value: port ?? null, from: 'container' } }];
    }),
};

const services: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [23, 'Telnet'],
  [513, 'rlogin'],
  [514, 'rsh'],
  [2375, 'the Docker API without encryption'],
  [2376, 'the Docker API'],
  [3389, 'remote desktops'],
  [5900, 'VNC'],
]);
