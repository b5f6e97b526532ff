import type { JsonObject } from '../../formats/index.js';
import { resolvePath } from '../host.js';
import { asksImagePolicy, baseUrl, clientName, setupName, type SetupPlan } from './setup-plan.js';

/** Short, because a policy that was tightened holds only once they are over. */
const ttlSeconds = { allow: 30, deny: 10 } as const;

/** Where a file of the set-up lies on the node. */
export function nodePath({ configDir }: SetupPlan, name: string): string {
  return resolvePath(configDir, name);
}

/** How the API server finds the webhook, and what it shows it. */
export function webhookKubeconfig(plan: SetupPlan): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: setupName,
        cluster: {
          server: `${baseUrl(plan)}/image-policy`,
          'certificate-authority': nodePath(plan, 'ca.crt'),
        },
      },
    ],
    users: [
      {
        name: clientName,
        user: {
          'client-certificate': nodePath(plan, 'apiserver-client.crt'),
          'client-key': nodePath(plan, 'apiserver-client.key'),
        },
      },
    ],
    contexts: [{ name: setupName, context: { cluster: setupName, user: clientName } }],
    'current-context': setupName,
  };
}

/** The plugin's entry in AdmissionConfiguration. */
export function imagePolicyEntryOf(plan: SetupPlan): JsonObject {
  return {
    name: 'ImagePolicyWebhook',
    configuration: {
      imagePolicy: {
        kubeConfigFile: nodePath(plan, 'kubeconfig.yaml'),
        allowTTL: ttlSeconds.allow,
        denyTTL: ttlSeconds.deny,
        retryBackoff: 500,
        defaultAllow: plan.defaultAllow,
      },
    },
  };
}

/** The flags that a kube-apiserver needs, with the plugins that it has already. */
export function apiServerFlags(
  plan: SetupPlan,
  plugins: readonly string[] = ['NodeRestriction'],
): readonly (readonly [string, string])[] {
  if (!asksImagePolicy(plan)) return [];
  return [
    ['enable-admission-plugins', [...new Set([...plugins, 'ImagePolicyWebhook'])].join(',')],
    ['admission-control-config-file', nodePath(plan, 'admission-configuration.yaml')],
  ];
}

/** Is the folder one that kubeadm mounts into the API server anyway? */
export function isMountedByKubeadm({ configDir }: SetupPlan): boolean {
  return configDir.startsWith('/etc/kubernetes/pki/');
}

/** For a cluster that is made with kubeadm, and for its upgrades: they would undo an edit of the manifest alone. */
export function kubeadmConfiguration(plan: SetupPlan): JsonObject {
  const { configDir } = plan;
  const extraVolumes = [
    { name: setupName, hostPath: configDir, mountPath: configDir, readOnly: true, pathType: 'Directory' },
  ];
  return {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    apiServer: {
      extraArgs: apiServerFlags(plan).map(([name, value]) => ({ name, value })),
      ...(isMountedByKubeadm(plan) ? {} : { extraVolumes }),
    },
  };
}

/** A cluster of kind that has the folder, and an API server with the flags, from its first start on. */
export function kindCluster(plan: SetupPlan, hostFolder: string, patch: string): JsonObject {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraMounts: [{ hostPath: hostFolder, containerPath: plan.configDir }],
        kubeadmConfigPatches: [patch],
      },
    ],
  };
}

/** A file of `config.yaml.d` of k3s; `+` adds to what other files say. */
export function k3sConfiguration(plan: SetupPlan): JsonObject {
  return { 'kube-apiserver-arg+': apiServerFlags(plan).map(([name, value]) => `${name}=${value}`) };
}
