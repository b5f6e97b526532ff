import { hostPathsOf, isRuntimeSocket, isSensitive } from '../analysis/host-paths.js';
import { listed, quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const hostPathTakeover: PodRule = {
  id: 'TW-K029',
  name: 'host-path-takeover',
  severity: 'CRITICAL',
  scope: 'pod',
  title: 'A sensitive directory of the node can be written to',
  why: 'By writing there a process takes over the node: its programs, keys, jobs or other pods.',
  fix: 'take the volume away, or mount the single file that is needed with readOnly: true',
  check: (pod) =>
    hostPathsOf(pod)
      .filter((one) => isSensitive(one) && !isRuntimeSocket(one.clean))
      .flatMap(({ path, text, mounts }): Hit[] => {
        const writers = mounts.filter(({ isWritable }) => isWritable);
        if (writers.length === 0) return [];
        const names = writers.map(({ container }) => quoted(container));
        const message = `the host's ${quoted(text)} is mounted writable by ${listed([...new Set(names)])}`;
        return [{ path, message, effective: { value: text, from: 'pod' } }];
      }),
};
