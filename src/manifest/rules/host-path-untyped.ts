import { hostPathsOf } from '../analysis/host-paths.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const hostPathUntyped: PodRule = {
  id: 'TW-K033',
  name: 'host-path-untyped',
  severity: 'LOW',
  scope: 'pod',
  title: 'What lies at a path of the node is not checked',
  why: 'Without a type anything that lies there is mounted, and with DirectoryOrCreate or FileOrCreate root makes what is missing.',
  fix: 'set hostPath.type to Directory, File or Socket',
  check: (pod) =>
    hostPathsOf(pod).flatMap(({ path, volume }): Hit[] => {
      const type = volume.type ?? '';
      if (type !== '' && type !== 'DirectoryOrCreate' && type !== 'FileOrCreate') return [];
      const message = `hostPath.type is ${type === '' ? 'not set' : quoted(type)}`;
      return [
        {
          path: [...path.slice(0, -1), 'type'],
          message,
          effective: { value: type, from: type === '' ? 'default' : 'pod' },
        },
      ];
    }),
};
