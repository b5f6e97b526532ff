import { asArray, asObject } from '../../formats/index.js';
import { isLimited } from '../analysis/quantity.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const memoryVolumeUnbounded: PodRule = {
  id: 'TW-K066',
  name: 'memory-volume-unbounded',
  severity: 'LOW',
  scope: 'pod',
  title: 'A volume in memory has no bound',
  why: 'Files in it count as memory: writing them uses up that of the node.',
  fix: 'set emptyDir.sizeLimit',
  check: ({ spec }) =>
    (asArray(spec.volumes) ?? []).flatMap((item, at): Hit[] => {
      const volume = asObject(item);
      const emptyDir = asObject(volume?.emptyDir);
      if (emptyDir?.medium !== 'Memory' || isLimited(emptyDir.sizeLimit)) return [];
      const path = ['volumes', at, 'emptyDir', 'sizeLimit'];
      return [{ path, message: `the volume ${quoted(volume?.name)} is in memory without sizeLimit` }];
    }),
};
