import { hostPathsOf, isRuntimeSocket, isSensitive } from '../analysis/host-paths.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const hostPathSensitive: PodRule = {
  id: 'TW-K030',
  name: 'host-path-sensitive',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A sensitive directory of the node can be read',
  why: 'Keys, tokens and the settings of the node and of other pods lie there.',
  fix: 'take the volume away, or mount only the file that is needed',
  check: (pod) =>
    hostPathsOf(pod)
      .filter((one) => isSensitive(one) && !isRuntimeSocket(one.clean))
      .filter(({ mounts }) => !mounts.some(({ isWritable }) => isWritable))
      .map(({ path, text, mounts }): Hit => {
        const message = `the host's ${quoted(text)} is ${mounts.length > 0 ? 'mounted read-only' : 'a volume that no container mounts'}`;
        return { path, message, effective: { value: text, from: 'pod' } };
      }),
};
