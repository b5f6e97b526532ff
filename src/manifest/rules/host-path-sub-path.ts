import { asArray, asObject, asString } from '../../formats/index.js';
import { hostPathsOf } from '../analysis/host-paths.js';
import { quoted } from '../analysis/quoted.js';
import type { ContainerRule, Hit } from '../analysis/rule.js';

export const hostPathSubPath: ContainerRule = {
  id: 'TW-K034',
  name: 'host-path-sub-path',
  severity: 'LOW',
  scope: 'container',
  title: 'A part of a directory of the node is mounted by subPath',
  why: 'Whoever can write to the directory may put a link there that leads out of it.',
  fix: 'mount the path itself as a volume of its own',
  check: ({ pod, value }) => {
    const names = new Set(hostPathsOf(pod).map(({ name }) => name));
    if (names.size === 0) return [];
    return (asArray(value.volumeMounts) ?? []).flatMap((item, at): Hit[] => {
      const mount = asObject(item);
      const field = mount?.subPath ? 'subPath' : 'subPathExpr';
      const sub = mount?.[field];
      if (!sub || !names.has(asString(mount?.name))) return [];
      const path = ['volumeMounts', at, field];
      return [
        {
          path,
          message: `${field} ${quoted(sub)} of a directory of the node`,
          effective: { value: sub, from: 'container' },
        },
      ];
    });
  },
};
