import { asObject, type JsonValue } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const probeToOtherHost: ContainerRule = {
  id: 'TW-K080',
  name: 'probe-to-other-host',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'A probe or hook is sent to another host',
  why: 'The kubelet sends it from the node, so that it reaches what the pod itself may not.',
  fix: 'leave host out: the probe is sent to the pod',
  check: ({ value }) =>
    senders.flatMap((path): readonly Hit[] => {
      const sender = asObject(path.reduce<JsonValue | undefined>((here, step) => asObject(here)?.[step], value));
      return ['httpGet', 'tcpSocket'].flatMap((action): Hit[] => {
        const host = asObject(sender?.[action])?.host;
        if (host === undefined || host === null || host === '') return [];
        const message = `${path.at(-1)} is sent to ${quoted(host)}`;
        return [{ path: [...path, action, 'host'], message, effective: { value: host, from: 'container' } }];
      });
    }),
};

const senders: readonly (readonly [string, ...string[]])[] = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
];
