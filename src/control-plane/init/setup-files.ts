import { parseReference } from '../../reference/index.js';
import { evaluatePolicy, type Policy } from '../../policy/index.js';
import { ControlPlaneError } from '../errors.js';
import { yamlText } from '../generate/generate-allowlist.js';
import { admissionEntries, imagePolicyAlone, webhookKubeconfig } from './api-server-files.js';
import { editStaticPod } from './edit-static-pod.js';
import { k3sConfiguration, readK3s, type K3sFiles } from './k3s-files.js';
import { kindCluster, kubeadmConfiguration, kubeadmPatch } from './kubeadm-files.js';
import { mergedConfiguration, newConfiguration } from './merge-configuration.js';
import {
  asksImagePolicy,
  asksValidating,
  changesApiServer,
  setupName,
  type NamedText,
  type SetupPlan,
} from './setup-plan.js';
import { staticManifests } from './static-manifest-files.js';
import { inClusterObjects, staticPod, systemdUnit, webhookConfiguration } from './webhook-files.js';

/** A file of a set-up, relative to the folder that is written. */
export interface SetupPart {
  readonly name: string;
  readonly text: string;
  /** Of its owner alone. */
  readonly isSecret?: true | undefined;
}

export interface SetupInput {
  readonly plan: SetupPlan;
  /** Text of the policy file. */
  readonly policy: string;
  /** The same, read. */
  readonly rules: Policy;
  /** Decides which rules have hardened, where they are laid on the disk of the API server. */
  readonly now: Date;
  /** PEM texts. */
  readonly authority: string;
  /** Base64 of `authority`. */
  readonly authorityBase64: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly client: { readonly certificate: string; readonly key: string };
  /** Absolute path of the folder that is written, for kind. */
  readonly folder: string;
  /** The present manifest of the API server. */
  readonly manifest?: NamedText | undefined;
  /** What k3s reads at present. */
  readonly k3s?: K3sFiles | undefined;
  /** The present AdmissionConfiguration. */
  readonly configuration?: NamedText | undefined;
}

/** Of the folder that lies on the nodes. */
export const filesFolder = 'files';

/**
 * Everything but the key of the authority and the words for people. The same input gives the same bytes.
 * @throws ControlPlaneError `NOT_EDITABLE`
 */
export function setupParts(input: SetupInput): readonly SetupPart[] {
  const { plan } = input;
  return [
    ...nodeParts(input),
    ...apiServerParts(input),
    ...webhookParts(input),
    ...(asksValidating(plan) && !plan.staticManifests
      ? [{ name: 'validating-webhook.yaml', text: yamlText([webhookConfiguration(plan, input.authorityBase64)]) }]
      : []),
  ];
}

function nodeParts(input: SetupInput): readonly SetupPart[] {
  const { plan, policy, rules, now, authority, authorityBase64, server, client, configuration } = input;
  const own: SetupPart[] = [
    { name: 'ca.crt', text: authority },
    { name: 'server.crt', text: server.certificate },
    { name: 'server.key', text: server.key, isSecret: true },
    { name: 'policy.yaml', text: policy },
    { name: 'apiserver-client.crt', text: client.certificate },
    { name: 'apiserver-client.key', text: client.key, isSecret: true },
  ];
  if (asksImagePolicy(plan)) own.push({ name: 'kubeconfig.yaml', text: yamlText([webhookKubeconfig(plan)]) });
  if (changesApiServer(plan)) {
    const entries = admissionEntries(plan);
    const merged =
      configuration === undefined
        ? newConfiguration(entries)
        : mergedConfiguration(configuration.text, configuration.path, entries);
    own.push({ name: 'admission-configuration.yaml', text: yamlText([merged]) });
  }
  if (plan.legacyJson && asksImagePolicy(plan)) {
    own.push({ name: 'image-policy.json', text: `${JSON.stringify(imagePolicyAlone(plan), null, 2)}\n` });
  }
  own.push(...staticManifests({ plan, policy: rules, now, authorityBase64 }));
  return own.map((part) => ({ ...part, name: `${filesFolder}/${part.name}` }));
}

function apiServerParts({ plan, manifest, k3s, folder }: SetupInput): readonly SetupPart[] {
  if (!changesApiServer(plan)) return [];
  if (plan.flavour === 'k3s') {
    const present = k3s === undefined ? undefined : readK3s(k3s);
    return [{ name: 'k3s-config.yaml', text: yamlText([k3sConfiguration(plan, present)]) }];
  }
  const current = yamlText([kubeadmConfiguration(plan, 'v1beta4')]);
  const older = yamlText([kubeadmConfiguration(plan, 'v1beta3')]);
  const parts: SetupPart[] = [
    { name: 'kubeadm-config.patch.yaml', text: current },
    { name: 'kubeadm-config.v1beta3.patch.yaml', text: older },
    // In a folder of its own: kubeadm takes every file there whose name begins so for a patch.
    { name: 'kubeadm-patches/kube-apiserver+strategic.yaml', text: yamlText([kubeadmPatch(plan)]) },
  ];
  if (plan.flavour === 'kind') {
    const cluster = kindCluster(plan, `${folder}/${filesFolder}`, [current, older]);
    parts.push({ name: 'kind-cluster.yaml', text: yamlText([cluster]) });
  }
  if (manifest !== undefined) {
    parts.push({ name: 'kube-apiserver.yaml', text: editStaticPod(manifest.text, manifest.path, plan) });
  }
  return parts;
}

function webhookParts({ plan, policy, server, authority }: SetupInput): readonly SetupPart[] {
  switch (plan.topology) {
    case 'systemd':
      return [{ name: `${setupName}.service`, text: systemdUnit(plan) }];
    case 'static-pod':
      return [{ name: 'static-pod.yaml', text: yamlText([staticPod(plan)]) }];
    default: {
      const secrets = { policy, serverCertificate: server.certificate, serverKey: server.key, authority };
      return Object.entries(inClusterObjects(plan, secrets)).map(([name, objects], at) => ({
        // kubectl apply -f takes a folder in the order of names.
        name: `in-cluster/${at}-${name}`,
        text: yamlText(objects),
        ...(name === 'secret.yaml' ? { isSecret: true as const } : {}),
      }));
    }
  }
}

/** What every cluster runs, and must be able to start again. */
const systemImages = [
  'registry.k8s.io/kube-proxy:v1.36.1',
  'registry.k8s.io/coredns/coredns:v1.12.0',
  'registry.k8s.io/kube-apiserver:v1.36.1',
];

/**
 * Refuses a policy with which the cluster could not start its own pods: ImagePolicyWebhook is asked about kube-system, too.
 * @throws ControlPlaneError `SELF_BLOCKING`
 */
export function checkPolicyForCluster(plan: SetupPlan, policy: Policy, now: Date): void {
  if (!changesApiServer(plan) || plan.excludedNamespaces.includes('kube-system')) return;
  const own = plan.topology === 'static-pod' && plan.image !== undefined ? [plan.image] : [];
  for (const image of [...systemImages, ...own]) {
    parseReference(image);
    const { reasons } = evaluatePolicy(policy, { images: [{ text: image }], namespace: 'kube-system' }, { now });
    const [reason] = reasons;
    if (reason === undefined) continue;
    throw new ControlPlaneError(
      'SELF_BLOCKING',
      `the policy refuses ${image} in kube-system (rule ${reason.rule}): the cluster could not start its own pods`,
      {
        hint: 'allow registry.k8s.io in kube-system, exclude that namespace in the rules, or keep kube-system in --exclude-namespaces',
      },
    );
  }
}
