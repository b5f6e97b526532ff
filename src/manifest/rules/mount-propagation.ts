import { asArray, asObject } from '../../formats/index.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const mountPropagation: ContainerRule = {
  id: 'TW-K035',
  name: 'mount-propagation',
  severity: 'HIGH',
  scope: 'container',
  title: 'Mounts of a container spread to the node',
  why: 'What the container mounts appears on the node and in other containers.',
  fix: 'leave mountPropagation out, or use HostToContainer',
  check: ({ value }) =>
    (asArray(value.volumeMounts) ?? []).flatMap((item, at): Hit[] => {
      if (asObject(item)?.mountPropagation !== 'Bidirectional') return [];
      const path = ['volumeMounts', at, 'mountPropagation'];
      return [
        {
          path,
          message: 'mountPropagation is Bidirectional',
          effective: { value: 'Bidirectional', from: 'container' },
        },
      ];
    }),
};
