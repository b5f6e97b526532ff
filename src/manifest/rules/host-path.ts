import { hostPathsOf, isSensitive, runtimeSocket } from '../analysis/host-paths.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const hostPath: PodRule = {
  id: 'TW-K031',
  name: 'host-path',
  severity: 'MEDIUM',
  scope: 'pod',
  title: 'A directory of the node is mounted',
  why: 'Pods on one node share it, it stays when the pod goes, and links in it can lead elsewhere.',
  fix: 'use a persistent volume claim, an emptyDir or a ConfigMap',
  check: (pod) =>
    hostPathsOf(pod)
      .filter((one) => !isSensitive(one) && runtimeSocket(one.clean) === undefined)
      .map(({ path, text, mounts }): Hit => {
        const isWritable = mounts.some((mount) => mount.isWritable);
        const message = `the host's ${quoted(text)} is a volume${isWritable ? ' that can be written to' : ''}`;
        return { path, message, effective: { value: text, from: 'pod' } };
      }),
};
