import { imagePolicyPlugin } from './admission-configuration.js';
import type { ApiServer } from './api-server.js';
import { type FaultList, type Place, quote } from './fault.js';
import { lastFlag, listOf, type ListItem } from './flags.js';

/** What the command line says of admission. */
export interface AdmissionFlags {
  /** The plugin is on, or is meant to be and misspelt. */
  readonly enablesImagePolicy: boolean;
  /** `--admission-control-config-file`. */
  readonly configFile: ListItem | undefined;
  readonly hasStaticManifestGate: boolean;
  readonly hasAuditLog: boolean;
  /** Where plugins are enabled, if any are; else where the command is written. */
  readonly place: Place;
}

/** Checks the flags that have to do with admission. */
export function checkCommand(server: ApiServer, faults: FaultList): AdmissionFlags {
  const { flags } = server;
  checkFlagNames(server, faults);
  const lists = (['enable-admission-plugins', 'admission-control'] as const).map((name) => listOf(flags, name));
  const enabled = lists.flat();
  let isOn = false;
  for (const item of enabled) isOn = checkName(item, faults) || isOn;
  const old = lastFlag(flags, 'admission-control');
  if (old !== undefined) faults.add('admission-control-flag', old.place, { what: '--admission-control is used' });
  checkDisabled(server, isOn, faults);
  const files = flags.filter(({ name }) => name === 'admission-control-config-file');
  const last = files.at(-1);
  if (files.length > 1 && last !== undefined) {
    faults.add('config-flag-twice', last.place, {
      what: `--admission-control-config-file stands ${files.length} times`,
    });
  }
  const configFile =
    last?.value === undefined || last.value === '' ? undefined : { text: last.value, place: last.place };
  if (isOn && configFile === undefined) {
    faults.add('config-flag-missing', last?.place ?? enabled[0]?.place ?? server.place, {
      what: `${imagePolicyPlugin} is enabled and --admission-control-config-file is ${last === undefined ? 'not set' : 'empty'}`,
    });
  }
  checkRest(server, faults);
  const place = lastFlag(flags, 'enable-admission-plugins')?.place ?? server.place;
  return {
    enablesImagePolicy: isOn,
    configFile,
    hasStaticManifestGate: hasGate(server),
    hasAuditLog: lastFlag(flags, 'audit-policy-file') !== undefined,
    place,
  };
}

/** Is it the plugin, or meant to be? What is wrong with the name is told. */
function checkName({ text, place }: ListItem, faults: FaultList): boolean {
  if (text === imagePolicyPlugin) return true;
  if (text !== text.trim()) {
    faults.add('plugin-list-blank', place, { what: `the list names the plugin ${quote(text)}, with a blank` });
    return text.trim() === imagePolicyPlugin;
  }
  const isMeant = /^image-?_?polic(?:y|ies)(?:-?_?web-?_?hooks?)?$/i.test(text);
  if (/[,"']/.test(text)) {
    faults.add('plugin-unknown', place, {
      what: `the list names the plugin ${quote(text)}: what is in quotes is one name`,
      fix: 'write the flag without quotes inside',
    });
    return text.includes(imagePolicyPlugin);
  }
  if (isMeant || !knownPlugins.has(text)) {
    const isOurs = isMeant || /image/i.test(text);
    faults.add('plugin-unknown', place, {
      what: `the list names the plugin ${quote(text)}`,
      severity: isMeant || likeKnown(text) !== undefined ? undefined : 'warning',
      why: isMeant ? undefined : 'the API server does not start with a plugin name that its version does not know',
      fix: isOurs
        ? undefined
        : likeKnown(text) === undefined
          ? 'look it up in kube-apiserver --help'
          : `write ${likeKnown(text)}`,
    });
  }
  return isMeant;
}

function likeKnown(text: string): string | undefined {
  return [...knownPlugins].find((name) => name.toLowerCase() === text.toLowerCase());
}

function checkDisabled({ flags }: ApiServer, isOn: boolean, faults: FaultList): void {
  const item = listOf(flags, 'disable-admission-plugins').find(({ text }) => text.trim() === imagePolicyPlugin);
  if (item === undefined) return;
  faults.add('plugin-disabled', item.place, {
    what: `${imagePolicyPlugin} is named in --disable-admission-plugins${isOn ? ' and in --enable-admission-plugins' : ''}`,
    severity: isOn ? undefined : 'warning',
  });
}

const ownFlags = [
  'enable-admission-plugins',
  'disable-admission-plugins',
  'admission-control',
  'admission-control-config-file',
] as const;

function checkFlagNames({ flags }: ApiServer, faults: FaultList): void {
  const known: ReadonlySet<string> = new Set(ownFlags);
  for (const { name, place } of flags) {
    const flag = name.split(/\s/, 1)[0] ?? name;
    if (!/admission/i.test(flag) || known.has(flag)) continue;
    const meant = ownFlags.find((one) => likeFlag(one, flag));
    faults.add('unknown-flag', place, {
      what: `--${flag.slice(0, 60)} is no flag of kube-apiserver`,
      fix: meant === undefined ? undefined : `write --${meant}`,
      severity: meant === undefined ? 'warning' : undefined,
    });
  }
}

/** The same words, give or take an ending, an order or a plural. */
function likeFlag(known: string, given: string): boolean {
  const wordsOf = (text: string): string =>
    text
      .toLowerCase()
      .split('-')
      .map((word) => word.replace(/s$|d$|ed$/, '').slice(0, 6))
      .filter((word) => word !== 'path')
      .sort()
      .join(' ');
  return wordsOf(known) === wordsOf(given) || known.startsWith(given) || given.startsWith(known);
}

function checkRest({ flags }: ApiServer, faults: FaultList): void {
  const runtime = flags.find(({ name, value }) => name === 'runtime-config' && value?.includes('imagepolicy.k8s.io'));
  if (runtime) {
    faults.add('runtime-config-not-needed', runtime.place, { what: '--runtime-config names imagepolicy.k8s.io' });
  }
}

function hasGate({ flags }: ApiServer): boolean {
  const gates = listOf(flags, 'feature-gates').map(({ text }) => text.replaceAll(/\s/g, ''));
  const one = gates.findLast((gate) => gate.startsWith('ManifestBasedAdmissionControlConfig='));
  const all = gates.findLast((gate) => gate.startsWith('AllAlpha='));
  return /=true$/i.test(one ?? all ?? '');
}

/** Plugins of 1.36, and those of older versions that clusters still name. */
const knownPlugins: ReadonlySet<string> = new Set(
  `AlwaysAdmit AlwaysDeny AlwaysPullImages CertificateApproval CertificateSigning CertificateSubjectRestriction
  ClusterTrustBundleAttest DefaultIngressClass DefaultStorageClass DefaultTolerationSeconds DenyServiceExternalIPs
  EventRateLimit ExtendedResourceToleration ImagePolicyWebhook JobValidation LimitPodHardAntiAffinityTopology LimitRanger
  MutatingAdmissionPolicy MutatingAdmissionWebhook NamespaceAutoProvision NamespaceExists NamespaceLifecycle
  NodeDeclaredFeatureValidator NodeRestriction OwnerReferencesPermissionEnforcement PersistentVolumeClaimResize
  PersistentVolumeLabel PodGroupProtection PodGroupWorkloadExists PodNodeSelector PodResizeValidator PodSecurity
  PodSecurityPolicy PodTolerationRestriction PodTopologyLabels Priority ResourceQuota RuntimeClass SecurityContextDeny
  ServiceAccount StorageObjectInUseProtection TaintNodesByCondition ValidatingAdmissionPolicy ValidatingAdmissionWebhook`
    .split(/\s+/)
    .filter(Boolean),
);
