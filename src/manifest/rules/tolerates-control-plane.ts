import { asArray, asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const toleratesControlPlane: PodRule = {
  id: 'TW-K076',
  name: 'tolerates-control-plane',
  severity: 'LOW',
  scope: 'pod',
  title: 'A pod may run on the nodes of the control plane',
  why: 'Whoever leaves the container there is beside the API server and etcd.',
  fix: 'tolerate only the taints that are needed, by their keys, and not those of the control plane',
  check: ({ spec }) =>
    (asArray(spec.tolerations) ?? []).flatMap((item, at): Hit[] => {
      const toleration = asObject(item);
      if (!toleration) return [];
      const { key, operator } = toleration;
      const isAll = (key === undefined || key === null || key === '') && operator === 'Exists';
      const isControl = typeof key === 'string' && /^node-role\.kubernetes\.io\/(?:control-plane|master)$/.test(key);
      if (!isAll && !isControl) return [];
      return [
        { path: ['tolerations', at], message: isAll ? 'tolerates every taint' : `tolerates the taint ${quoted(key)}` },
      ];
    }),
};
