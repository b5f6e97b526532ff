import { findingAt, type PodSecurityControl } from '../control.js';

/** No volume shows files of the node. */
export const hostPathVolumes = {
  id: 'hostPathVolumes',
  name: 'hostPathVolumes',
  title: 'HostPath Volumes',
  level: 'baseline',
  serverReason: 'hostPath volumes',
  revisions: [
    {
      since: 0,
      check: (pod) =>
        pod.spec
          .at('volumes')
          .items()
          .map((volume) => volume.at('hostPath'))
          .filter((field) => field.isSet)
          .flatMap((field) =>
            findingAt(field, {
              from: 'pod',
              message: "a volume shows the node's files",
              fix: 'use another kind of volume: emptyDir, configMap, a claim',
            }),
          ),
    },
  ],
} as const satisfies PodSecurityControl;
