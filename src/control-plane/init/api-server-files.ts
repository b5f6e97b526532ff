import type { JsonObject } from '../../formats/index.js';
import { resolvePath } from '../host.js';
import {
  asksImagePolicy,
  asksValidating,
  baseUrl,
  changesApiServer,
  clientName,
  setupName,
  type SetupPlan,
} from './setup-plan.js';
import { manifestFolders } from './static-manifest-files.js';

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

/** The entries of AdmissionConfiguration: those of others stay beside them. */
export function admissionEntries(plan: SetupPlan): readonly JsonObject[] {
  return [
    ...(asksImagePolicy(plan) ? [imagePolicyEntryOf(plan)] : []),
    ...(plan.staticManifests
      ? [
          staticEntry(
            plan,
            'ValidatingAdmissionPolicy',
            'ValidatingAdmissionPolicyConfiguration',
            manifestFolders.policies,
          ),
        ]
      : []),
    ...(plan.staticManifests && asksValidating(plan)
      ? [staticEntry(plan, 'ValidatingAdmissionWebhook', 'WebhookAdmissionConfiguration', manifestFolders.webhooks)]
      : []),
  ];
}

function imagePolicyEntryOf(plan: SetupPlan): JsonObject {
  return { name: 'ImagePolicyWebhook', configuration: imagePolicyAlone(plan) };
}

/** The older form, which an API server still takes in place of a whole AdmissionConfiguration. */
export function imagePolicyAlone(plan: SetupPlan): JsonObject {
  return {
    imagePolicy: {
      kubeConfigFile: nodePath(plan, 'kubeconfig.yaml'),
      allowTTL: ttlSeconds.allow,
      denyTTL: ttlSeconds.deny,
      retryBackoff: 500,
      defaultAllow: plan.defaultAllow,
    },
  };
}

function staticEntry(plan: SetupPlan, name: string, kind: string, folder: string): JsonObject {
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind,
    staticManifestsDir: nodePath(plan, folder),
  };
  return { name, configuration };
}

/** What an API server has already of the lists that are added to. */
export interface PresentLists {
  readonly plugins: readonly string[];
  readonly featureGates: readonly string[];
}

/** Of an API server as kubeadm and k3s start it. */
export const usualLists: PresentLists = { plugins: ['NodeRestriction'], featureGates: [] };
const staticGate = 'ManifestBasedAdmissionControlConfig';

/** The flags that a kube-apiserver needs, with what it has already. */
export function apiServerFlags(
  plan: SetupPlan,
  { plugins, featureGates }: PresentLists = usualLists,
): readonly (readonly [string, string])[] {
  if (!changesApiServer(plan)) return [];
  const gates = featureGates.filter((one) => one.split('=')[0] !== staticGate);
  return [
    ...(asksImagePolicy(plan)
      ? [['enable-admission-plugins', [...new Set([...plugins, 'ImagePolicyWebhook'])].join(',')] as const]
      : []),
    ['admission-control-config-file', nodePath(plan, 'admission-configuration.yaml')],
    ...(plan.staticManifests ? [['feature-gates', [...gates, `${staticGate}=true`].join(',')] as const] : []),
  ];
}

/** Is the folder one that kubeadm mounts into the API server anyway? */
export function isMountedByKubeadm({ configDir }: SetupPlan): boolean {
  return configDir.startsWith('/etc/kubernetes/pki/');
}
