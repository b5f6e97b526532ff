import type { FaultKind } from './fault-kind.js';

/** The API server's command line, and the pod or unit that runs it. */
export const commandKinds = {
  'not-an-api-server': {
    severity: 'error',
    why: 'nothing in the file starts kube-apiserver, so that nothing of it can take effect',
    fix: 'name the manifest, unit or command line of kube-apiserver',
  },
  'plugin-not-enabled': {
    severity: 'error',
    why: 'the plugin is off unless it is enabled: its configuration is not even read, and every image may run',
    fix: 'add ImagePolicyWebhook to --enable-admission-plugins, behind a comma and without a blank',
  },
  'image-policy-off': {
    severity: 'note',
    why: 'the API server asks nobody about images through this plugin; validating webhooks and policies live in the cluster',
    fix: 'enable ImagePolicyWebhook and configure it, or look at --webhook-config',
  },
  'plugin-disabled': {
    severity: 'error',
    why: 'a plugin may not be both enabled and disabled; the API server does not start, and disabled alone nothing is asked',
    fix: 'take ImagePolicyWebhook out of --disable-admission-plugins',
  },
  'plugin-unknown': {
    severity: 'error',
    why: 'the API server does not start with a plugin name that it does not know; upper and lower case count',
    fix: 'write the name as Kubernetes does: ImagePolicyWebhook',
  },
  'plugin-list-blank': {
    severity: 'error',
    why: 'a blank in the list becomes part of the name, which no plugin has, and the API server does not start',
    fix: 'write the names with commas and without blanks',
  },
  'admission-control-flag': {
    severity: 'warning',
    why: 'the deprecated flag names the whole list and so switches off every default plugin that it leaves out',
    fix: 'use --enable-admission-plugins, which adds to the defaults',
  },
  'unknown-flag': {
    severity: 'error',
    why: 'the API server does not start with a flag that it does not know',
    fix: 'write the flag as kube-apiserver --help lists it',
  },
  'flag-with-blank': {
    severity: 'error',
    why: 'one list item is one word of the command line: with a blank inside it is a flag that does not exist',
    fix: 'write --flag=value, or the value as the next item',
  },
  'config-flag-missing': {
    severity: 'error',
    why: 'the plugin is enabled and nobody tells it where its configuration is; the API server does not start',
    fix: 'add --admission-control-config-file with the path of the AdmissionConfiguration',
  },
  'config-flag-elsewhere': {
    severity: 'error',
    why: 'the API server reads another file than the one that was checked',
    fix: 'let --admission-control-config-file name the file, or check the one that it names',
  },
  'config-flag-twice': {
    severity: 'warning',
    why: 'of several values of this flag only the last one counts',
    fix: 'merge the files and name one',
  },
  'path-relative': {
    severity: 'warning',
    why: 'a relative path is taken from the folder in which the process starts, which nobody sees here',
    fix: 'write the absolute path',
  },
  'path-not-mounted': {
    severity: 'error',
    why: 'the API server runs in a container and sees only what is mounted into it; for it the file is not there',
    fix: 'add a hostPath volume and a volumeMount for the folder, or move the file below one that is mounted',
  },
  'path-is-host-path': {
    severity: 'error',
    why: 'flags and files name paths inside the container; this one is the path on the host',
    fix: 'write the path under which the folder is mounted',
  },
  'volume-unknown': {
    severity: 'error',
    why: 'the kubelet refuses a pod whose volumeMount names no volume, so that no API server runs',
    fix: 'add the volume under volumes, with the same name',
  },
  'volume-not-mounted': {
    severity: 'warning',
    why: 'a volume without a volumeMount is not seen in the container',
    fix: 'add a volumeMount with the name of the volume',
  },
  'volume-not-host-path': {
    severity: 'error',
    why: 'a static pod cannot use API objects, and only a hostPath brings files of the host',
    fix: 'use hostPath for the volume',
  },
  'mount-twice': {
    severity: 'error',
    why: 'two mounts at one path are refused, so that no API server runs',
    fix: 'leave one of them',
  },
  'mount-writable': {
    severity: 'note',
    why: 'the API server needs to read these files only',
    fix: 'add readOnly: true to the volumeMount',
  },
  'mount-of-one-file': {
    severity: 'note',
    why: 'a single mounted file stays the old one when it is replaced by a new one, as certificates are',
    fix: 'mount its folder',
  },
  'host-path-missing': {
    severity: 'error',
    why: 'there is no such path on this host: the pod does not start, or an empty folder is made in its place',
    fix: 'make the folder on the host, or correct hostPath.path',
  },
  'host-path-type': {
    severity: 'error',
    why: 'the kubelet checks the type of a hostPath and does not start the pod when it is another',
    fix: 'correct hostPath.type, or what lies there',
  },
  'second-manifest': {
    severity: 'warning',
    why: 'the kubelet runs every file in the manifests folder; of two with the same pod either may win',
    fix: 'keep copies in another folder',
  },
  'k3s-replaced': {
    severity: 'warning',
    why: 'of several files the last one that names a list replaces it; only a key with + behind it adds to what others say',
    fix: 'write kube-apiserver-arg+ in every later file, and leave the argument out of the command line',
  },
  'kubeadm-drift': {
    severity: 'warning',
    why: 'kubeadm upgrade writes the manifest anew from its own configuration: what stands in the manifest alone is lost, and then nobody is asked about images',
    fix: 'put it into apiServer.extraArgs and apiServer.extraVolumes of the ClusterConfiguration, or into a patch that kubeadm is given with --patches',
  },
  'static-pod-dns': {
    severity: 'note',
    why: 'with ClusterFirstWithHostNet the API server asks the DNS of its own cluster, which needs the API server',
    fix: 'take dnsPolicy away and name the webhook by its address',
  },
  'audit-log-missing': {
    severity: 'note',
    why: 'only the audit log shows which pods were admitted because the webhook failed',
    fix: 'set --audit-policy-file and --audit-log-path',
  },
  'runtime-config-not-needed': {
    severity: 'note',
    why: 'imagepolicy.k8s.io is spoken on the wire only; no API has to be switched on for it',
    fix: 'leave it out of --runtime-config',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
