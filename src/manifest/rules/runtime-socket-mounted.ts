import { hostPathsOf, runtimeSocket } from '../analysis/host-paths.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const runtimeSocketMounted: PodRule = {
  id: 'TW-K028',
  name: 'runtime-socket-mounted',
  severity: 'CRITICAL',
  scope: 'pod',
  title: 'The socket of the container runtime is mounted',
  why: 'Whoever reaches the socket starts any container on the node, also a privileged one.',
  fix: 'take the volume away; build images and look at containers through the API of Kubernetes',
  check: (pod) =>
    hostPathsOf(pod).flatMap(({ path, text, clean }): Hit[] => {
      const socket = runtimeSocket(clean);
      if (socket === undefined) return [];
      const message = `the host's ${quoted(text)} ${socket === clean ? 'is' : `holds ${socket},`} the control socket of a container runtime`;
      return [{ path, message, effective: { value: text, from: 'pod' } }];
    }),
};
