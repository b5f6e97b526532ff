import { quoted } from '../analysis/quoted.js';
import type { PodRule } from '../analysis/rule.js';

export const nodeChosen: PodRule = {
  id: 'TW-K075',
  name: 'node-chosen',
  severity: 'LOW',
  scope: 'pod',
  title: 'A pod chooses its node by name',
  why: 'It passes by the scheduler, and so by taints that keep pods off the nodes of the control plane.',
  fix: 'leave nodeName out and use nodeSelector or affinity',
  check: ({ spec }) =>
    typeof spec.nodeName === 'string' && spec.nodeName !== ''
      ? [
          {
            path: ['nodeName'],
            message: `nodeName is ${quoted(spec.nodeName)}`,
            effective: { value: spec.nodeName, from: 'pod' },
          },
        ]
      : [],
};
