import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../formats/index.js';
import { objectsIn, securityOf, type PodView } from './pod-view.js';
import { printed } from './printed.js';
import type { KubesecRule } from './rule.js';

const workloads = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet'];
const workloadsAndJobs = [...workloads, 'ReplicaSet', 'Job', 'CronJob'];
const bindings = ['RoleBinding', 'ClusterRoleBinding'];

const everywhere = (field: string): string =>
  ['.spec', '.spec .containers[]', '.spec .initContainers[]', '.spec .ephemeralContainers[]']
    .map((place) => `${place} .securityContext .${field} .type`)
    .join(' | ');

const secretSelector = ['.env[] .valueFrom .secretKeyRef', '.envFrom[] .secretRef']
  .flatMap((field) =>
    ['containers', 'initContainers', 'ephemeralContainers'].map((list) => `.spec .${list}[] ${field}`),
  )
  .join(' | ');

/** Every rule of kubesec's main line of 2026, sorted by id. */
export const kubesecRules: readonly KubesecRule[] = [
  {
    id: 'AllowPrivilegeEscalation',
    selector: 'containers[] .securityContext .allowPrivilegeEscalation == true',
    reason: 'Ensure a non-root process can not gain more privileges',
    kinds: workloads,
    points: -7,
    advise: 0,
    matches: someContainer((security) => security.allowPrivilegeEscalation === true),
  },
  {
    id: 'ApparmorAny',
    selector: everywhere('appArmorProfile'),
    reason: 'Well defined AppArmor policies may provide greater protection from unknown threats.',
    kinds: workloads,
    points: 3,
    advise: 0,
    matches: inheriting(profileType('appArmorProfile'), (type) => type !== 'Unconfined'),
  },
  {
    id: 'ApparmorUnconfined',
    selector: everywhere('appArmorProfile'),
    reason: 'Unconfined AppArmor profiles disable AppArmor enforcement on the workloads',
    kinds: workloads,
    points: -1,
    advise: 0,
    matches: inheriting(profileType('appArmorProfile'), (type) => type === 'Unconfined'),
  },
  {
    id: 'AutomountServiceAccountToken',
    selector: '.spec .automountServiceAccountToken == false',
    reason: 'Disabling the automounting of Service Account Token reduces the attack surface of the API server',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: ({ pod }) => pod?.automountServiceAccountToken === false,
  },
  {
    id: 'BindingsToSystemAnonymous',
    selector: '.subjects[] .name == "system:anonymous"',
    reason:
      'Binding a Role or a ClusterRole to user system:anonymous gives any unauthenticated user the permissions granted by that role',
    kinds: bindings,
    points: -30,
    advise: 0,
    matches: ({ object }) =>
      objectsIn(object.subjects).some(({ name }) => asString(name)?.includes('system:anonymous') === true),
  },
  {
    id: 'CapDropAll',
    selector: 'containers[] .securityContext .capabilities .drop | index("ALL")',
    reason: 'Drop all capabilities and add only those required to reduce syscall attack surface',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: someContainer((security) => printed(capabilities(security, 'drop')).toUpperCase().includes('ALL')),
  },
  {
    id: 'CapDropAny',
    selector: 'containers[] .securityContext .capabilities .drop',
    reason: 'Reducing kernel capabilities available to a container limits its attack surface',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: someContainer((security) => {
      const drop = asArray(capabilities(security, 'drop'));
      return drop !== undefined && drop.length > 0 && !printed(drop).includes('<nil>');
    }),
  },
  {
    id: 'CapSysAdmin',
    selector: 'containers[] .securityContext .capabilities .add == SYS_ADMIN',
    reason: 'CAP_SYS_ADMIN is the most privileged capability and should always be avoided',
    kinds: workloads,
    points: -30,
    advise: 0,
    matches: someContainer((security) => printed(capabilities(security, 'add')).includes('SYS_ADMIN')),
    soundly: someContainer((security) =>
      (asArray(capabilities(security, 'add')) ?? []).some((name) => givesSysAdmin(printed(name).toUpperCase())),
    ),
  },
  {
    id: 'DockerSock',
    selector: 'volumes[] .hostPath .path == /var/run/docker.sock',
    reason: 'Mounting the docker.socket leaks information about other containers and can allow container breakout',
    kinds: workloads,
    points: -9,
    advise: 0,
    matches: someHostPath((path) => path.includes('/var/run/docker.sock')),
    soundly: someHostPath((path) => path.includes('/run/docker.sock') || /^(?:\/var)?\/run\/*$/.test(path)),
  },
  {
    id: 'HostAliases',
    selector: '.spec .hostAliases',
    reason:
      "Managing /etc/hosts aliases can prevent the container from modifying the file after a pod's containers have already been started. DNS should be managed by the orchestrator",
    kinds: workloads,
    points: -3,
    advise: 0,
    matches: ({ pod }) => isSet(pod?.hostAliases),
    soundly: ({ pod }) => (asArray(pod?.hostAliases) ?? []).length > 0,
  },
  {
    id: 'HostIPC',
    selector: '.spec .hostIPC == true',
    reason: "Sharing the host's IPC namespace allows container processes to communicate with processes on the host",
    kinds: workloads,
    points: -9,
    advise: 0,
    matches: ({ pod }) => pod?.hostIPC === true,
  },
  {
    id: 'HostNetwork',
    selector: '.spec .hostNetwork == true',
    reason:
      "Sharing the host's network namespace permits processes in the pod to communicate with processes bound to the host's loopback adapter",
    kinds: workloads,
    points: -9,
    advise: 0,
    matches: ({ pod }) => pod?.hostNetwork === true,
  },
  {
    id: 'HostPID',
    selector: '.spec .hostPID == true',
    reason:
      "Sharing the host's PID namespace allows visibility of processes on the host, potentially leaking information such as environment variables and configuration",
    kinds: workloads,
    points: -9,
    advise: 0,
    matches: ({ pod }) => pod?.hostPID === true,
  },
  {
    id: 'HostUsers',
    selector: '.spec .hostUsers == false',
    reason:
      'A user namespace for a Pod is enabled by setting the hostUsers field of Pod .spec, which can prevent various attacks',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: ({ pod }) => pod?.hostUsers === false,
  },
  {
    id: 'LimitsCPU',
    selector: 'containers[] .resources .limits .cpu',
    reason: 'Enforcing CPU limits prevents DOS via resource exhaustion',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: someResource('limits', 'cpu'),
  },
  {
    id: 'LimitsMemory',
    selector: 'containers[] .resources .limits .memory',
    reason: 'Enforcing memory limits prevents DOS via resource exhaustion',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: someResource('limits', 'memory'),
  },
  {
    id: 'Privileged',
    selector: 'containers[] .securityContext .privileged == true',
    reason: 'Privileged containers can allow almost completely unrestricted host access',
    kinds: workloads,
    points: -30,
    advise: 0,
    matches: someContainer((security) => security.privileged === true),
  },
  {
    id: 'ProcMount',
    selector: 'volumes[] .hostPath .path == /proc',
    reason:
      'Mounting the proc directory from the host system into a container gives access to information about other containers running on the same host and can allow container breakout',
    kinds: workloads,
    points: -9,
    advise: 0,
    matches: someHostPath((path) => path.includes('/proc')),
    soundly: someHostPath((path) => /\/proc(?:\/|$)/.test(path)),
  },
  {
    id: 'ReadOnlyRootFilesystem',
    selector: 'containers[] .securityContext .readOnlyRootFilesystem == true',
    reason: 'An immutable root filesystem can prevent malicious binaries being added to PATH and increase attack cost',
    kinds: workloads,
    points: 1,
    advise: 3,
    matches: someContainer((security) => security.readOnlyRootFilesystem === true),
  },
  {
    id: 'RequestsCPU',
    selector: 'containers[] .resources .requests .cpu',
    reason: 'Enforcing CPU requests aids a fair balancing of resources across the cluster',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: someResource('requests', 'cpu'),
  },
  {
    id: 'RequestsMemory',
    selector: 'containers[] .resources .requests .memory',
    reason: 'Enforcing memory requests aids a fair balancing of resources across the cluster',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: someResource('requests', 'memory'),
  },
  {
    id: 'RunAsGroup',
    selector: '.spec, .spec.containers[] | .securityContext .runAsGroup -gt 10000',
    reason: "Run as a high-UID group to avoid conflicts with the host's groups",
    kinds: workloads,
    points: 1,
    advise: 4,
    matches: inheriting(numberField('runAsGroup'), (group) => group > 10_000),
  },
  {
    id: 'RunAsNonRoot',
    selector: '.spec, .spec.containers[] | .securityContext .runAsNonRoot == true',
    reason: 'Force the running image to run as a non-root user to ensure least privilege',
    kinds: workloads,
    points: 1,
    advise: 10,
    matches: inheriting(
      ({ runAsNonRoot }) => (typeof runAsNonRoot === 'boolean' ? runAsNonRoot : undefined),
      (isOn) => isOn,
    ),
  },
  {
    id: 'RunAsUser',
    selector: '.spec, .spec.containers[] | .securityContext .runAsUser -gt 10000',
    reason: "Run as a high-UID user to avoid conflicts with the host's users",
    kinds: workloads,
    points: 1,
    advise: 4,
    matches: inheriting(numberField('runAsUser'), (user) => user > 10_000),
  },
  {
    id: 'SeccompAny',
    selector: everywhere('seccompProfile'),
    reason: 'Seccomp profiles set minimum privilege and secure against unknown threats',
    kinds: workloads,
    points: 1,
    advise: 0,
    matches: inheriting(profileType('seccompProfile'), (type) => type !== 'Unconfined'),
  },
  {
    id: 'SeccompUnconfined',
    selector: everywhere('seccompProfile'),
    reason: 'Unconfined Seccomp profiles have full system call access',
    kinds: workloads,
    points: -1,
    advise: 0,
    matches: inheriting(profileType('seccompProfile'), (type) => type === 'Unconfined'),
  },
  {
    id: 'SecretsAsEnvironmentVariables',
    selector: secretSelector,
    reason:
      'Secrets passed as environment variables can be easily exposed through application logs, crash dumps, and system process inspection',
    kinds: workloadsAndJobs,
    points: -5,
    advise: 0,
    matches: ({ allContainers }) => allContainers.some(takesSecretsFromEnvironment),
  },
  {
    id: 'ServiceAccountName',
    selector: '.spec .serviceAccountName',
    reason: 'Service accounts restrict Kubernetes API access and should be configured with least privilege',
    kinds: workloads,
    points: 3,
    advise: 0,
    matches: ({ pod }) => isSet(pod?.serviceAccountName),
    soundly: ({ pod }) => isSet(pod?.serviceAccountName) && pod?.serviceAccountName !== '',
  },
  {
    id: 'VolumeClaimAccessModeReadWriteOnce',
    selector: '.spec .volumeClaimTemplates[] .spec .accessModes | index("ReadWriteOnce")',
    reason:
      'Setting the access mode of ReadWriteOnce on volumeClaimTemplates (if any exist) allows only one node to mount the persistentVolume',
    kinds: ['StatefulSet'],
    points: 1,
    advise: 0,
    matches: someClaim(({ accessModes }) => isOnly(accessModes, 'ReadWriteOnce')),
    soundly: someClaim(
      ({ accessModes }) => isOnly(accessModes, 'ReadWriteOnce') || isOnly(accessModes, 'ReadWriteOncePod'),
    ),
  },
  {
    id: 'VolumeClaimRequestsStorage',
    selector: '.spec .volumeClaimTemplates[] .spec .resources .requests .storage',
    reason:
      "Setting a storage request on volumeClaimTemplates (if any exist) allows for the StatefulSet's PVCs to be bound to appropriately sized PVs.",
    kinds: ['StatefulSet'],
    points: 1,
    advise: 0,
    matches: someClaim(({ resources }) => hasKey(asObject(asObject(resources)?.requests), 'storage')),
  },
];

type Condition = (view: PodView) => boolean;

/** One container is enough, whichever it is. */
function someContainer(condition: (security: JsonObject) => boolean): Condition {
  return ({ allContainers }) =>
    allContainers.some((container) => {
      const security = securityOf(container);
      return security !== undefined && condition(security);
    });
}

/** A container's own value counts, and the pod's where it has none; a value of another type is none. */
function inheriting<V>(read: (security: JsonObject) => V | undefined, condition: (value: V) => boolean): Condition {
  return ({ pod, allContainers }) => {
    const ofPod = securityOf(pod);
    const inherited = ofPod && read(ofPod);
    return allContainers.some((container) => {
      const own = securityOf(container);
      const value = (own && read(own)) ?? inherited;
      return value !== undefined && condition(value);
    });
  };
}

function profileType(field: string): (security: JsonObject) => string | undefined {
  return (security) => asString(asObject(security[field])?.type);
}

function numberField(field: string): (security: JsonObject) => number | undefined {
  return (security) => {
    const value = security[field];
    return typeof value === 'number' ? value : undefined;
  };
}

function capabilities(security: JsonObject, field: 'add' | 'drop'): JsonValue | undefined {
  return asObject(security.capabilities)?.[field];
}

function givesSysAdmin(name: string): boolean {
  return name.includes('SYS_ADMIN') || name === 'ALL' || name === 'CAP_ALL';
}

function someHostPath(condition: (path: string) => boolean): Condition {
  return ({ pod }) =>
    objectsIn(pod?.volumes).some((volume) => {
      const path = asString(asObject(volume.hostPath)?.path);
      return path !== undefined && condition(path);
    });
}

/** The main containers only, and the key alone. */
function someResource(list: 'limits' | 'requests', name: 'cpu' | 'memory'): Condition {
  return ({ containers }) => containers.some(({ resources }) => hasKey(asObject(asObject(resources)?.[list]), name));
}

function takesSecretsFromEnvironment(container: JsonObject): boolean {
  return (
    objectsIn(container.env).some(({ valueFrom }) => isSet(asObject(valueFrom)?.secretKeyRef)) ||
    objectsIn(container.envFrom).some(({ secretRef }) => isSet(secretRef))
  );
}

/** Without any template that has a spec there is nothing to complain of. */
function someClaim(condition: (spec: JsonObject) => boolean): Condition {
  return ({ object }) => {
    const templates = objectsIn(asObject(object.spec)?.volumeClaimTemplates);
    const specs = templates.map(({ spec }) => asObject(spec)).filter((spec) => spec !== undefined);
    return specs.length === 0 || specs.some(condition);
  };
}

function isOnly(value: JsonValue | undefined, text: string): boolean {
  const list = asArray(value);
  return list?.length === 1 && list[0] === text;
}

function isSet(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function hasKey(object: JsonObject | undefined, key: string): boolean {
  return object !== undefined && Object.hasOwn(object, key);
}
