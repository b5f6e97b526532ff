import { asArray, asObject, type JsonObject, type JsonValue, type YamlPath } from '../../formats/index.js';
import { editDistance } from './spelling.js';

/** What is wrong with a field that matters for security. Paths begin at the pod spec. */
export type ShapeProblem =
  | {
      readonly problem: 'type';
      readonly path: YamlPath;
      readonly wanted: string;
      readonly meant?: JsonValue | undefined;
    }
  | { readonly problem: 'misspelled'; readonly path: YamlPath; readonly meant: string }
  | { readonly problem: 'misplaced'; readonly path: YamlPath; readonly belongs: string };

type Type = 'boolean' | 'integer' | 'text' | 'texts' | 'mapping' | 'list' | 'port' | 'any';
type Member = Type | Place | readonly [Place];
interface Place {
  /** In words, for where a field belongs. */
  readonly name: string;
  readonly fields: { readonly [key: string]: Member };
  /** Fields whose type is not looked at, but whose names are known. */
  readonly others: string;
}

const profile: Place = { name: 'a profile', fields: { type: 'text', localhostProfile: 'text' }, others: '' };
const seLinux: Place = {
  name: 'seLinuxOptions',
  fields: { level: 'text', role: 'text', type: 'text', user: 'text' },
  others: '',
};
const windows: Place = {
  name: 'windowsOptions',
  fields: { hostProcess: 'boolean', runAsUserName: 'text', gmsaCredentialSpec: 'text', gmsaCredentialSpecName: 'text' },
  others: '',
};
const containerSecurity: Place = {
  name: "a container's securityContext",
  fields: {
    privileged: 'boolean',
    allowPrivilegeEscalation: 'boolean',
    readOnlyRootFilesystem: 'boolean',
    runAsNonRoot: 'boolean',
    runAsUser: 'integer',
    runAsGroup: 'integer',
    procMount: 'text',
    capabilities: { name: 'capabilities', fields: { add: 'texts', drop: 'texts' }, others: '' },
    seccompProfile: profile,
    appArmorProfile: profile,
    seLinuxOptions: seLinux,
    windowsOptions: windows,
  },
  others: '',
};
const podSecurity: Place = {
  name: "the pod's securityContext",
  fields: {
    runAsNonRoot: 'boolean',
    runAsUser: 'integer',
    runAsGroup: 'integer',
    fsGroup: 'integer',
    fsGroupChangePolicy: 'text',
    supplementalGroupsPolicy: 'text',
    seLinuxChangePolicy: 'text',
    supplementalGroups: 'list',
    sysctls: [{ name: 'a sysctl', fields: { name: 'text', value: 'text' }, others: '' }],
    seccompProfile: profile,
    appArmorProfile: profile,
    seLinuxOptions: seLinux,
    windowsOptions: windows,
  },
  others: '',
};
const source: Place = { name: 'a source', fields: { secretRef: 'mapping', configMapRef: 'mapping' }, others: 'prefix' };
const container: Place = {
  name: 'a container',
  fields: {
    name: 'text',
    image: 'text',
    imagePullPolicy: 'text',
    command: 'texts',
    args: 'texts',
    securityContext: containerSecurity,
    resources: { name: 'resources', fields: { limits: 'mapping', requests: 'mapping' }, others: 'claims' },
    env: [{ name: 'a variable', fields: { name: 'text', valueFrom: 'mapping' }, others: 'value' }],
    envFrom: [source],
    ports: [
      { name: 'a port', fields: { hostPort: 'integer', containerPort: 'integer' }, others: 'hostIP name protocol' },
    ],
    volumeMounts: [
      {
        name: 'a mount',
        fields: { name: 'text', mountPath: 'text', readOnly: 'boolean', subPath: 'text', mountPropagation: 'text' },
        others: 'subPathExpr recursiveReadOnly',
      },
    ],
    livenessProbe: 'mapping',
    readinessProbe: 'mapping',
    startupProbe: 'mapping',
  },
  others:
    'lifecycle resizePolicy restartPolicy restartPolicyRules stdin stdinOnce targetContainerName terminationMessagePath terminationMessagePolicy tty volumeDevices workingDir',
};
const volume: Place = {
  name: 'a volume',
  fields: {
    name: 'text',
    hostPath: { name: 'hostPath', fields: { path: 'text', type: 'text' }, others: '' },
    emptyDir: { name: 'emptyDir', fields: { medium: 'text' }, others: 'sizeLimit' },
  },
  others:
    'awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs image iscsi nfs persistentVolumeClaim photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret storageos vsphereVolume',
};
const podSpec: Place = {
  name: 'the pod spec',
  fields: {
    hostNetwork: 'boolean',
    hostPID: 'boolean',
    hostIPC: 'boolean',
    hostUsers: 'boolean',
    shareProcessNamespace: 'boolean',
    automountServiceAccountToken: 'boolean',
    serviceAccountName: 'text',
    serviceAccount: 'text',
    securityContext: podSecurity,
    containers: [container],
    initContainers: [container],
    ephemeralContainers: [container],
    volumes: [volume],
    hostAliases: 'list',
    os: { name: 'os', fields: { name: 'text' }, others: '' },
    nodeName: 'text',
    restartPolicy: 'text',
    terminationGracePeriodSeconds: 'integer',
  },
  others:
    'activeDeadlineSeconds affinity dnsConfig dnsPolicy enableServiceLinks hostname hostnameOverride imagePullSecrets nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources runtimeClassName schedulerName schedulingGates setHostnameAsFQDN subdomain tolerations topologySpreadConstraints workloadRef',
};

interface Known {
  readonly members: ReadonlyMap<string, Member>;
  readonly lower: ReadonlyMap<string, string>;
}

const knownOf = new Map<Place, Known>();

/** Where the fields that protect stand: for a field that is found elsewhere. */
const protective: readonly Place[] = [containerSecurity, podSecurity, podSpec];
const protectiveNames: ReadonlySet<string> = new Set(
  [...Object.keys(containerSecurity.fields), ...Object.keys(podSecurity.fields)].concat(
    'hostNetwork',
    'hostPID',
    'hostIPC',
    'hostUsers',
    'automountServiceAccountToken',
    'securityContext',
  ),
);

/** Places in which a name that is not known may be a slip that leaves a pod open. */
const watched: ReadonlySet<Place> = new Set([podSpec, podSecurity, container, containerSecurity, profile, windows]);

register(podSpec);

/** The problems of a pod spec, in the order of its places. */
export function shapeOf(spec: JsonObject): readonly ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  checkPlace(spec, podSpec, [], problems);
  const containers = asArray(spec.containers);
  if (!containers || containers.length === 0) {
    if (!containers && spec.containers !== undefined && spec.containers !== null) return problems;
    problems.push({ problem: 'type', path: ['containers'], wanted: 'a list of at least one container' });
  }
  return problems;
}

function checkPlace(value: JsonObject, place: Place, path: YamlPath, problems: ShapeProblem[]): void {
  const known = knownOf.get(place);
  if (!known) return;
  for (const key of Object.keys(value)) {
    const member = known.members.get(key);
    const inner = value[key];
    if (member === undefined) {
      if (watched.has(place)) checkName(key, place, path, problems);
    } else if (inner !== null && inner !== undefined && member !== 'any') {
      checkMember(inner, member, [...path, key], problems);
    }
  }
}

function checkMember(value: JsonValue, member: Member, path: YamlPath, problems: ShapeProblem[]): void {
  if (typeof member === 'string') {
    if (!fits(value, member))
      problems.push({ problem: 'type', path, wanted: words[member], meant: meantBy(value, member) });
    return;
  }
  if ('fields' in member) {
    const mapping = asObject(value);
    if (mapping) checkPlace(mapping, member, path, problems);
    else problems.push({ problem: 'type', path, wanted: words.mapping });
    return;
  }
  const list = asArray(value);
  if (!list) {
    problems.push({ problem: 'type', path, wanted: words.list });
    return;
  }
  for (let at = 0; at < list.length; at++) {
    const item = asObject(list[at]);
    if (item) checkPlace(item, member[0], [...path, at], problems);
    else problems.push({ problem: 'type', path: [...path, at], wanted: words.mapping });
  }
}

const words: Readonly<Record<Type, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  port: 'a number',
  text: 'a text',
  texts: 'a list of texts',
  mapping: 'a mapping',
  list: 'a list',
  any: 'a value',
};

function fits(value: JsonValue, type: Type): boolean {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return asArray(value)?.every((item) => typeof item === 'string') === true;
    case 'mapping':
      return asObject(value) !== undefined;
    case 'list':
      return Array.isArray(value);
    default:
      return true;
  }
}

/** What a text in quotes was meant to be. */
function meantBy(value: JsonValue, type: Type): JsonValue | undefined {
  if (typeof value !== 'string' || value.length > 20) return undefined;
  const bare = value.trim().toLowerCase();
  if (type === 'boolean') {
    if (bare === 'true' || bare === 'yes' || bare === 'on') return true;
    return bare === 'false' || bare === 'no' || bare === 'off' ? false : undefined;
  }
  return type === 'integer' && /^[0-9]{1,15}$/.test(bare) ? Number(bare) : undefined;
}

function checkName(key: string, place: Place, path: YamlPath, problems: ShapeProblem[]): void {
  const here = [...path, key];
  const meant = nearest(key, place);
  if (meant !== undefined && (protectiveNames.has(meant) || place === profile || place === windows)) {
    problems.push({ problem: 'misspelled', path: here, meant });
    return;
  }
  const elsewhere = protective.filter((other) => other !== place && nearest(key, other, true) !== undefined);
  const first = elsewhere[0];
  if (first && protectiveNames.has(nearest(key, first, true) ?? '')) {
    const belongs = elsewhere.map((other) => other.name).join(' or ');
    problems.push({ problem: 'misplaced', path: here, belongs });
  }
}

/** The known name that a name is but for case, or for a letter or two. */
function nearest(key: string, place: Place, exactly = false): string | undefined {
  const known = knownOf.get(place);
  if (!known || key.length > 40) return undefined;
  const same = known.lower.get(key.toLowerCase().replaceAll(/[-_ ]/g, ''));
  if (same !== undefined || exactly || key.length < 3) return same;
  for (const [lower, name] of known.lower) {
    const allowed = lower.length < 6 ? 1 : 2;
    if (Math.abs(lower.length - key.length) <= allowed && editDistance(lower, key.toLowerCase()) <= allowed)
      return name;
  }
  return undefined;
}

function register(place: Place): void {
  if (knownOf.has(place)) return;
  const members = new Map<string, Member>(Object.entries(place.fields));
  for (const name of place.others.split(' ')) if (name !== '') members.set(name, 'any');
  const lower = new Map([...members.keys()].map((name) => [name.toLowerCase(), name] as const));
  knownOf.set(place, { members, lower });
  for (const member of members.values()) {
    if (typeof member === 'string') continue;
    register('fields' in member ? member : member[0]);
  }
}
