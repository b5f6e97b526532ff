import type { Option, Section } from '../config/index.js';

const section: Section = 'Control plane';

function file(name: string, summary: string): Option {
  return { name, type: 'text', group: 'works', section, valueName: 'file', summary };
}

function flag(name: string, summary: string): Option {
  return { name, type: 'switch', group: 'works', section, summary };
}

/** Options of `admission doctor`. */
export const doctorOptions: readonly Option[] = [
  {
    name: 'root',
    type: 'text',
    fallback: '/',
    group: 'works',
    section,
    valueName: 'folder',
    summary: 'the root of the machine to look at: a copy of its files, or where its disk is mounted',
  },
  file(
    'manifest',
    "the API server's static pod, systemd unit, k3s configuration or command line; else the usual places",
  ),
  file('admission-config', 'the AdmissionConfiguration; else the one that --admission-control-config-file names'),
  file(
    'kubeadm-config',
    "kubeadm's ClusterConfiguration, or the ConfigMap that holds it; else the usual places: is the manifest what it would write?",
  ),
  file('kubeconfig', 'the kubeconfig of the webhook; else the one that kubeConfigFile names'),
  {
    name: 'webhook-config',
    type: 'list',
    group: 'works',
    section,
    valueName: 'file',
    summary:
      'files with ValidatingWebhookConfigurations or ValidatingAdmissionPolicies, as kubectl get -o yaml prints them',
  },
  {
    name: 'cluster-kubeconfig',
    type: 'text',
    group: 'works',
    section,
    valueName: 'file|in-cluster',
    summary:
      'ask the API server itself: for its webhooks and policies, and with --live for a dry run of each image; in-cluster is the service account of this pod',
  },
  file('server-cert', "the webhook's certificate, to be judged without connecting"),
  file('server-key', 'its key'),
  file('log', 'a log of the API server, or what kubectl said, to be explained; - is standard input'),
  flag('files-only', 'check the files that are named here alone: not those they name, and without connecting'),
  flag('offline', 'do not connect to the webhook'),
  flag('live', 'ask the webhook as the API server does, and judge its answers'),
  {
    name: 'allow-image',
    type: 'list',
    group: 'works',
    section,
    valueName: 'image',
    summary: 'with --live: images that must be allowed',
  },
  {
    name: 'deny-image',
    type: 'list',
    group: 'works',
    section,
    valueName: 'image',
    summary: 'with --live: images that must be denied',
  },
  {
    name: 'namespace',
    type: 'text',
    fallback: 'default',
    group: 'works',
    section,
    valueName: 'name',
    summary: 'with --live: the namespace that is asked about',
  },
];
