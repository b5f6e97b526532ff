import type { JsonObject } from '../../formats/index.js';
import { apiServerFlags, isMountedByKubeadm } from './api-server-files.js';
import { setupName, type SetupPlan } from './setup-plan.js';

/** Of ClusterConfiguration: kubeadm reads both, and what a cluster has depends on its age. */
export const kubeadmVersions = ['v1beta4', 'v1beta3'] as const;
export type KubeadmVersion = (typeof kubeadmVersions)[number];

/** For a cluster that is made with kubeadm, and for its upgrades: they would undo an edit of the manifest alone. */
export function kubeadmConfiguration(plan: SetupPlan, version: KubeadmVersion): JsonObject {
  const { configDir } = plan;
  const extraVolumes = [
    { name: setupName, hostPath: configDir, mountPath: configDir, readOnly: true, pathType: 'Directory' },
  ];
  const flags = apiServerFlags(plan);
  return {
    apiVersion: `kubeadm.k8s.io/${version}`,
    kind: 'ClusterConfiguration',
    apiServer: {
      extraArgs: version === 'v1beta4' ? flags.map(([name, value]) => ({ name, value })) : Object.fromEntries(flags),
      ...(isMountedByKubeadm(plan) ? {} : { extraVolumes }),
    },
  };
}

/**
 * For the folder that `kubeadm --patches` reads, as a strategic merge: whatever flags the manifest has stay, because words in
 * `args` come behind those of `command`, and lists of plugins that are given twice add up.
 */
export function kubeadmPatch(plan: SetupPlan): JsonObject {
  const { configDir } = plan;
  const container = {
    name: 'kube-apiserver',
    args: apiServerFlags(plan).map(([name, value]) => `--${name}=${value}`),
  };
  if (isMountedByKubeadm(plan)) return { spec: { containers: [container] } };
  return {
    spec: {
      containers: [{ ...container, volumeMounts: [{ name: setupName, mountPath: configDir, readOnly: true }] }],
      volumes: [{ name: setupName, hostPath: { path: configDir, type: 'Directory' } }],
    },
  };
}

/**
 * A cluster of kind that has the folder, and an API server with the flags, from its first start on. kind passes over a patch
 * of another version than its own configuration has, and says nothing: so there is one of each.
 */
export function kindCluster(plan: SetupPlan, hostFolder: string, patches: readonly string[]): JsonObject {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraMounts: [{ hostPath: hostFolder, containerPath: plan.configDir, readOnly: true }],
        kubeadmConfigPatches: [...patches],
      },
    ],
  };
}
