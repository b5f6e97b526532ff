import { ControlPlaneError } from '../errors.js';

/** Where the webhook runs: a process or a static pod beside each API server, or a Deployment of the cluster. */
export const topologies = ['systemd', 'static-pod', 'in-cluster'] as const;
export type Topology = (typeof topologies)[number];

/** How the cluster was made, and so how its API server gets flags. */
export const flavours = ['kubeadm', 'kind', 'k3s'] as const;
export type Flavour = (typeof flavours)[number];

/** How the API server asks: ImagePolicyWebhook, ValidatingWebhookConfiguration, or both. */
export const admissionForms = ['image-policy', 'validating', 'both'] as const;
export type AdmissionForm = (typeof admissionForms)[number];

/** Everything that decides what a set-up consists of. */
export interface SetupPlan {
  readonly topology: Topology;
  readonly flavour: Flavour;
  readonly form: AdmissionForm;
  /** Absolute; where the files lie on each control-plane node. */
  readonly configDir: string;
  readonly port: number;
  /** Of the webhook in a cluster. */
  readonly namespace: string;
  /** Of the webhook itself, where it runs in a container. */
  readonly image: string | undefined;
  /** Path of the program on the node, for systemd. */
  readonly program: string;
  /** Cluster address of the Service, for an ImagePolicyWebhook in the cluster. */
  readonly serviceIp: string | undefined;
  /** What the API server does when nobody answers. */
  readonly defaultAllow: boolean;
  readonly noScan: boolean;
  /** Lay the allowlist, and the webhook's configuration, on the disk of the API server: KEP-5793. */
  readonly staticManifests: boolean;
  /** Write the older form of the plugin's settings beside the current one. */
  readonly legacyJson: boolean;
  /** Where the webhook reads pull secrets of pods: names, or `*` for everywhere; empty: nowhere. */
  readonly pullSecretNamespaces: readonly string[];
  /** Left alone, with the webhook's own. */
  readonly excludedNamespaces: readonly string[];
  /** Names and addresses besides those that the topology needs. */
  readonly extraNames: readonly string[];
}

/** A file that is there already. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** Name of the Service, the Deployment, the unit and the files. */
export const setupName = 'image-admission';
/** Common name of the certificate that the API server shows. */
export const clientName = 'kube-apiserver-image-admission';

export function asksImagePolicy({ form }: SetupPlan): boolean {
  return form !== 'validating';
}

/** Does the API server need flags for it? */
export function changesApiServer(plan: SetupPlan): boolean {
  return asksImagePolicy(plan) || plan.staticManifests;
}

export function asksValidating({ form }: SetupPlan): boolean {
  return form !== 'image-policy';
}

/**
 * Refuses what could not work, and what would work until the cluster is started anew.
 * @throws ControlPlaneError `SELF_BLOCKING`, `SETUP_INCOMPLETE`
 */
export function checkPlan(plan: SetupPlan): void {
  const { topology, image, serviceIp, defaultAllow, configDir, excludedNamespaces } = plan;
  if (!/^\/[A-Za-z0-9._/-]+$/.test(configDir) || configDir.split('/').includes('..')) {
    throw new ControlPlaneError('SETUP_INCOMPLETE', '--config-dir is no plain absolute path', {
      hint: 'letters, digits, ".", "_", "-" and "/" only: it stands in flags, units and manifests',
    });
  }
  if (topology !== 'systemd' && image === undefined) {
    throw new ControlPlaneError(
      'SETUP_INCOMPLETE',
      `the topology ${topology} runs a container, and no image is named`,
      {
        hint: 'add --image registry.example.com/tidewaiter@sha256:..., an image of your own with the program in it',
      },
    );
  }
  checkPullSecrets(plan);
  if (plan.staticManifests && asksValidating(plan) && topology === 'in-cluster') {
    throw new ControlPlaneError(
      'SETUP_INCOMPLETE',
      'a webhook that lies on the disk of the API server is found by its address only, and a Service has none',
      { hint: 'run the webhook beside the API server (--topology systemd or static-pod), or leave --emit out' },
    );
  }
  if (topology !== 'in-cluster') {
    checkPort(plan);
    return;
  }
  if (asksImagePolicy(plan) && !defaultAllow) {
    const why =
      'ImagePolicyWebhook cannot leave a namespace out: when all pods of the webhook are gone, the API server asks it about its own new pods, nobody answers, and with defaultAllow false no pod ever starts again';
    throw new ControlPlaneError('SELF_BLOCKING', why, {
      hint: 'use --form validating in the cluster, or --topology systemd or static-pod; --default-allow accepts that nothing is enforced while the webhook is down',
    });
  }
  if (asksImagePolicy(plan) && serviceIp === undefined) {
    throw new ControlPlaneError(
      'SETUP_INCOMPLETE',
      'the API server does not use the DNS of the cluster, so that the name of a Service leads nowhere',
      {
        hint: 'choose a free address of the Service range and add --service-ip ADDRESS',
      },
    );
  }
  if (asksValidating(plan) && !excludedNamespaces.includes('kube-system')) {
    throw new ControlPlaneError(
      'SELF_BLOCKING',
      'without kube-system left out, pods of the network and of DNS wait for the webhook, which waits for them',
      { hint: 'add kube-system to --exclude-namespaces, or run the webhook beside the API server' },
    );
  }
}

function checkPullSecrets({ topology, noScan, pullSecretNamespaces }: SetupPlan): void {
  if (pullSecretNamespaces.length === 0) return;
  if (topology !== 'in-cluster') {
    throw new ControlPlaneError(
      'SETUP_INCOMPLETE',
      'pull secrets are read with the service account of the webhook, and beside the API server it has none',
      {
        hint: 'run it in the cluster, or give serve a kubeconfig of your own: --pull-secrets cluster --kubeconfig FILE',
      },
    );
  }
  if (noScan) {
    throw new ControlPlaneError('SETUP_INCOMPLETE', '--pull-secrets is for scans, and --no-scan makes none', {
      hint: 'leave one of them out',
    });
  }
}

/** Of etcd, the API server, the kubelet, kube-proxy, the scheduler and the controller manager. */
const takenPorts: ReadonlySet<number> = new Set([
  2379, 2380, 2381, 6443, 10_248, 10_249, 10_250, 10_256, 10_257, 10_259,
]);
const nodePorts = { first: 30_000, last: 32_767 } as const;

function checkPort({ port }: SetupPlan): void {
  const isNodePort = port >= nodePorts.first && port <= nodePorts.last;
  if (!isNodePort && !takenPorts.has(port)) return;
  const whose = isNodePort ? 'Services of type NodePort, which would take its place' : 'the control plane itself';
  throw new ControlPlaneError('SETUP_INCOMPLETE', `port ${port} belongs to ${whose}`, {
    hint: 'choose another --port, such as 8443',
  });
}

/** Names and addresses that the server's certificate must be for, in a settled order. */
export function serverNames({ topology, namespace, serviceIp, extraNames }: SetupPlan): readonly string[] {
  const service = [
    setupName,
    `${setupName}.${namespace}`,
    `${setupName}.${namespace}.svc`,
    `${setupName}.${namespace}.svc.cluster.local`,
  ];
  const names = [
    'localhost',
    '127.0.0.1',
    '::1',
    ...(topology === 'in-cluster' ? service : []),
    ...(serviceIp === undefined ? [] : [serviceIp]),
    ...extraNames,
  ];
  return [...new Set(names)];
}

/** All namespaces that are left alone. */
export function exemptNamespaces({ topology, namespace, excludedNamespaces }: SetupPlan): readonly string[] {
  return [...new Set([...excludedNamespaces, ...(topology === 'in-cluster' ? [namespace] : [])])];
}

/** What `/image-policy` and `/validate` are reached by, as the API server sees it. */
export function baseUrl({ topology, port, serviceIp }: SetupPlan): string {
  if (topology !== 'in-cluster') return `https://127.0.0.1:${port}`;
  const host = serviceIp?.includes(':') === true ? `[${serviceIp}]` : (serviceIp ?? '127.0.0.1');
  return `https://${host}:443`;
}
