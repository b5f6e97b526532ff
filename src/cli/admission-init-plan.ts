import { isIP } from 'node:net';
import { ConfigError, type Settings } from '../config/index.js';
import { admissionForms, checkPlan, flavours, topologies, type SetupPlan } from '../control-plane/index.js';

/**
 * The plan that the options describe.
 * @throws ConfigError `INVALID_VALUE`; ControlPlaneError
 */
export function readPlan(settings: Settings): SetupPlan {
  const topology = topologies.find((one) => one === settings.text('topology')) ?? 'systemd';
  const flavour = flavours.find((one) => one === settings.text('flavour')) ?? 'kubeadm';
  const form =
    admissionForms.find((one) => one === settings.text('form')) ??
    (topology === 'in-cluster' ? 'validating' : 'image-policy');
  const usual = flavour === 'k3s' ? '/etc/rancher/k3s/image-admission' : '/etc/kubernetes/pki/image-admission';
  const emitted = settings.list('emit');
  const plan: SetupPlan = {
    topology,
    flavour,
    form,
    configDir: (settings.text('config-dir') ?? usual).replace(/\/+$/, ''),
    port: settings.number('port') ?? 8443,
    namespace: checked(settings, 'namespace', settings.text('namespace') ?? 'tidewaiter', isLabel),
    image: optional(settings, 'image', (text) => !/[\s\p{C}]/u.test(text)),
    program: checked(settings, 'program', settings.text('program') ?? '/usr/local/bin/tidewaiter', isPlainPath),
    serviceIp: optional(settings, 'service-ip', (text) => isIP(text) !== 0),
    defaultAllow: settings.isOn('default-allow'),
    noScan: settings.isOn('no-scan'),
    staticManifests: emitted.includes('static-manifests'),
    legacyJson: emitted.includes('legacy-json'),
    pullSecretNamespaces: pullSecretNamespaces(settings),
    excludedNamespaces: settings
      .list('exclude-namespaces')
      .filter((name) => name !== '')
      .map((name) => checked(settings, 'exclude-namespaces', name, isLabel)),
    extraNames: settings.list('names').map((name) => checked(settings, 'names', name, isHost)),
  };
  checkPlan(plan);
  return plan;
}

function pullSecretNamespaces(settings: Settings): readonly string[] {
  const names = settings
    .list('pull-secrets-namespaces')
    .map((name) => (name === '*' ? name : checked(settings, 'pull-secrets-namespaces', name, isLabel)));
  if (!settings.isOn('pull-secrets')) {
    if (names.length === 0) return [];
    throw new ConfigError('CONFLICT', '--pull-secrets-namespaces is of no use without --pull-secrets', {
      hint: 'add --pull-secrets, or leave it out',
    });
  }
  if (names.length > 0) return [...new Set(names)];
  throw new ConfigError('CONFLICT', '--pull-secrets needs to know where secrets may be read', {
    hint: 'name the namespaces with --pull-secrets-namespaces; "*" is every secret of the cluster',
  });
}

function optional(settings: Settings, name: string, isGood: (text: string) => boolean): string | undefined {
  const text = settings.text(name);
  return text === undefined ? undefined : checked(settings, name, text, isGood);
}

function checked(settings: Settings, name: string, text: string, isGood: (text: string) => boolean): string {
  if (isGood(text)) return text;
  throw new ConfigError('INVALID_VALUE', `${settings.origin(name)}: ${JSON.stringify(text)} cannot be used`, {
    hint: 'it stands in units, manifests and certificates: plain names, addresses and paths only',
  });
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text);
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= 253 && text.split('.').every((part) => isLabel(part.toLowerCase())));
}

function isPlainPath(text: string): boolean {
  return /^\/[A-Za-z0-9._/-]+$/.test(text);
}
