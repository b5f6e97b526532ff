import type { JsonValue } from '../../src/formats/index.js';

/** A pod, and what the API server names when it enforces each level. */
export interface PodSecurityCase {
  readonly name: string;
  /** `latest`, or as `v1.30`. */
  readonly version: string;
  readonly pod: JsonObject;
  /** Ids of controls. */
  readonly baseline: readonly string[];
  readonly restricted: readonly string[];
  /** The API server takes no such object, whatever the level. */
  readonly isInvalid: boolean;
}

type JsonObject = { readonly [key: string]: JsonValue };

interface Expected {
  readonly baseline?: readonly string[];
  readonly restricted?: readonly string[];
  /** Editions to ask; the newest if absent. */
  readonly versions?: readonly string[];
  readonly isInvalid?: boolean;
}

const kinds = ['containers', 'initContainers', 'ephemeralContainers'] as const;
type Kind = (typeof kinds)[number];

const hardened = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

const container = (name: string, securityContext: JsonObject = hardened): JsonObject => ({
  name,
  image: 'example.com/app:1',
  securityContext,
});

/** One case for each edition: a pod that reaches restricted, with some members of its `spec` changed. */
function ofPod(
  name: string,
  spec: JsonObject,
  { versions = ['latest'], isInvalid = false, ...stops }: Expected = {},
  metadata: JsonObject = {},
): readonly PodSecurityCase[] {
  const { baseline = [], restricted = baseline } = stops;
  return versions.map((version) => ({
    name: `${name} (${version})`,
    version,
    pod: { metadata: { name: 'app', ...metadata }, spec: { containers: [container('app')], ...spec } },
    baseline,
    restricted,
    isInvalid,
  }));
}

/** The same member in a container of one kind, beside a hardened container. */
function ofKind(kind: Kind, name: string, members: JsonObject, expected: Expected): readonly PodSecurityCase[] {
  const changed = { ...container('changed'), ...members };
  const spec = kind === 'containers' ? { containers: [container('app'), changed] } : { [kind]: [changed] };
  return ofPod(`${kind}: ${name}`, spec, expected);
}

/** The same for a container of each kind; `but` says what differs for some. */
function ofEachKind(
  name: string,
  members: JsonObject,
  expected: Expected,
  but: Partial<Record<Kind, Expected>> = {},
): readonly PodSecurityCase[] {
  return kinds.flatMap((kind) => ofKind(kind, name, members, { ...expected, ...but[kind] }));
}

/** Members of the security context of a container of each kind. */
function ofEachContext(name: string, context: JsonObject, expected: Expected): readonly PodSecurityCase[] {
  return ofEachKind(name, { securityContext: { ...hardened, ...context } }, expected);
}

const volume = (source: JsonObject): JsonObject => ({ volumes: [{ name: 'data', ...source }] });
const windows = { os: { name: 'windows' }, securityContext: { runAsNonRoot: true } };
const bare = { containers: [container('app', {})] };
const pass: Expected = {};
const onlyRestricted = (...restricted: readonly string[]): Expected => ({ restricted });
const all = ['allowPrivilegeEscalation', 'capabilities_restricted', 'runAsNonRoot', 'seccompProfile_restricted'];

const hostNamespaces = [
  ...ofPod('hostNetwork', { hostNetwork: true }, { baseline: ['hostNamespaces'] }),
  ...ofPod('hostPID', { hostPID: true }, { baseline: ['hostNamespaces'] }),
  ...ofPod('hostIPC', { hostIPC: true }, { baseline: ['hostNamespaces'] }),
  ...ofPod('all three', { hostNetwork: true, hostPID: true, hostIPC: true }, { baseline: ['hostNamespaces'] }),
  ...ofPod('hostNetwork false', { hostNetwork: false, hostPID: false, hostIPC: false }, pass),
  ...ofPod('hostNetwork null', { hostNetwork: null, hostPID: null, hostIPC: null }, pass),
  ...ofPod('shareProcessNamespace stays within the pod', { shareProcessNamespace: true }, pass),
];

const privileged = [
  ...ofEachContext(
    'privileged',
    { privileged: true, allowPrivilegeEscalation: null },
    { baseline: ['privileged'], restricted: ['privileged', 'allowPrivilegeEscalation'] },
  ),
  ...ofEachContext('privileged false', { privileged: false }, pass),
  ...ofEachContext('privileged null', { privileged: null }, pass),
  ...ofKind(
    'containers',
    'privileged, the edition does not matter',
    { securityContext: { ...hardened, privileged: true, allowPrivilegeEscalation: true } },
    { baseline: ['privileged'], restricted: ['privileged', 'allowPrivilegeEscalation'], versions: ['v1.8', 'v1.24'] },
  ),
];

const added = (...add: readonly string[]): JsonObject => ({ capabilities: { drop: ['ALL'], add } });
const capabilities = [
  ...ofEachContext('adds NET_RAW', added('NET_RAW'), {
    baseline: ['capabilities_baseline'],
    restricted: ['capabilities_restricted'],
  }),
  ...ofEachContext('adds SYS_ADMIN', added('SYS_ADMIN'), {
    baseline: ['capabilities_baseline'],
    restricted: ['capabilities_restricted'],
  }),
  ...ofEachContext('adds ALL', added('ALL'), {
    baseline: ['capabilities_baseline'],
    restricted: ['capabilities_restricted'],
  }),
  ...ofEachContext('adds CHOWN', added('CHOWN'), onlyRestricted('capabilities_restricted')),
  ...ofEachContext('adds NET_BIND_SERVICE', added('NET_BIND_SERVICE'), pass),
  ...ofEachContext('adds a name with CAP_ before it', added('CAP_CHOWN'), {
    baseline: ['capabilities_baseline'],
    restricted: ['capabilities_restricted'],
  }),
  ...ofEachContext('adds a name in small letters', added('chown'), {
    baseline: ['capabilities_baseline'],
    restricted: ['capabilities_restricted'],
  }),
  ...ofEachContext('adds an empty name', added(''), {
    baseline: ['capabilities_baseline'],
    restricted: ['capabilities_restricted'],
  }),
  ...ofPod(
    'adds all that baseline allows',
    {
      containers: [
        container('app', {
          ...hardened,
          ...added(
            'AUDIT_WRITE',
            'CHOWN',
            'DAC_OVERRIDE',
            'FOWNER',
            'FSETID',
            'KILL',
            'MKNOD',
            'NET_BIND_SERVICE',
            'SETFCAP',
            'SETGID',
            'SETPCAP',
            'SETUID',
            'SYS_CHROOT',
          ),
        }),
      ],
    },
    onlyRestricted('capabilities_restricted'),
  ),
  ...ofEachContext('no capabilities', { capabilities: null }, onlyRestricted('capabilities_restricted')),
  ...ofEachContext('drops nothing', { capabilities: { drop: [] } }, onlyRestricted('capabilities_restricted')),
  ...ofEachContext('drops some', { capabilities: { drop: ['NET_RAW'] } }, onlyRestricted('capabilities_restricted')),
  ...ofEachContext('drops all', { capabilities: { drop: ['all'] } }, onlyRestricted('capabilities_restricted')),
  ...ofEachContext('drops ALL and more', { capabilities: { drop: ['NET_RAW', 'ALL'] } }, pass),
  ...ofKind(
    'containers',
    'capabilities before restricted had a control of its own',
    { securityContext: { ...hardened, capabilities: { add: ['CHOWN'] } } },
    { versions: ['v1.0', 'v1.21'] },
  ),
  ...ofKind(
    'containers',
    'SYS_ADMIN before restricted had a control of its own',
    { securityContext: { ...hardened, capabilities: { add: ['SYS_ADMIN'] } } },
    { baseline: ['capabilities_baseline'], versions: ['v1.0', 'v1.21'] },
  ),
  ...ofKind(
    'containers',
    'CHOWN since then',
    { securityContext: { ...hardened, capabilities: { add: ['CHOWN'] } } },
    { restricted: ['capabilities_restricted'], versions: ['v1.22', 'v1.25'] },
  ),
];

const hostPaths = [
  ...ofPod('hostPath', volume({ hostPath: { path: '/var/log' } }), {
    baseline: ['hostPathVolumes'],
    restricted: ['restrictedVolumes'],
    versions: ['v1.0', 'latest'],
  }),
  ...ofPod('hostPath null', volume({ hostPath: null }), pass),
  ...ofPod(
    'hostPath among others',
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', hostPath: { path: '/' } },
      ],
    },
    { baseline: ['hostPathVolumes'], restricted: ['restrictedVolumes'] },
  ),
];

const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volumes = [
  ...ofPod('volume without a source', volume({}), pass),
  ...ofPod('configMap', volume({ configMap: { name: 'a' } }), pass),
  ...ofPod('secret', volume({ secret: { secretName: 'a' } }), pass),
  ...ofPod('emptyDir', volume({ emptyDir: {} }), pass),
  ...ofPod('emptyDir in memory', volume({ emptyDir: { medium: 'Memory' } }), pass),
  ...ofPod('downwardAPI', volume({ downwardAPI: { items: [] } }), pass),
  ...ofPod('projected', volume({ projected: { sources: [{ configMap: { name: 'a' } }] } }), pass),
  ...ofPod('persistentVolumeClaim', volume({ persistentVolumeClaim: { claimName: 'a' } }), pass),
  ...ofPod('ephemeral', volume({ ephemeral: { volumeClaimTemplate: { spec: claim } } }), pass),
  ...ofPod('csi', volume({ csi: { driver: 'example.com' } }), pass),
  ...ofPod('image', volume({ image: { reference: 'example.com/data:1' } }), { versions: ['v1.30', 'latest'] }),
  ...(
    [
      ['nfs', { server: 'a', path: '/' }],
      ['iscsi', { targetPortal: '10.0.0.1', iqn: 'iqn.2001-04.com.example:storage', lun: 0 }],
      ['glusterfs', { endpoints: 'a', path: 'b' }],
      ['rbd', { monitors: ['a'], image: 'b' }],
      ['flexVolume', { driver: 'example/a' }],
      ['cinder', { volumeID: 'a' }],
      ['cephfs', { monitors: ['a'] }],
      ['flocker', { datasetName: 'a' }],
      ['fc', { targetWWNs: ['a'], lun: 0 }],
      ['azureFile', { secretName: 'a', shareName: 'b' }],
      ['azureDisk', { diskName: 'a', diskURI: 'https://blob/a' }],
      ['vsphereVolume', { volumePath: 'a' }],
      ['quobyte', { registry: 'a:1', volume: 'b' }],
      ['portworxVolume', { volumeID: 'a' }],
      ['scaleIO', { gateway: 'a', system: 'b', secretRef: { name: 'c' }, volumeName: 'd' }],
      ['storageos', { volumeName: 'a' }],
      ['photonPersistentDisk', { pdID: 'a' }],
      ['gcePersistentDisk', { pdName: 'a' }],
      ['awsElasticBlockStore', { volumeID: 'a' }],
      ['gitRepo', { repository: 'https://example.com/a.git' }],
    ] as const
  ).flatMap(([kind, source]) => ofPod(kind, volume({ [kind]: source }), onlyRestricted('restrictedVolumes'))),
  ...ofPod('nfs at first', volume({ nfs: { server: 'a', path: '/' } }), {
    restricted: ['restrictedVolumes'],
    versions: ['v1.0', 'v1.20'],
  }),
];

const port = (members: JsonObject): JsonObject => ({ ports: [{ containerPort: 80, ...members }] });
const noPorts: Expected = { isInvalid: true };
const hostPorts = [
  ...ofEachKind('hostPort', port({ hostPort: 8080 }), { baseline: ['hostPorts'] }, { ephemeralContainers: noPorts }),
  ...ofEachKind('hostPort 0', port({ hostPort: 0 }), pass, { ephemeralContainers: noPorts }),
  ...ofEachKind('no hostPort', port({}), pass, { ephemeralContainers: noPorts }),
  ...ofKind('containers', 'hostPort with an address', port({ hostPort: 80, hostIP: '127.0.0.1' }), {
    baseline: ['hostPorts'],
  }),
  ...ofPod(
    'on the network of the node, a port is one of the node',
    { hostNetwork: true, containers: [{ ...container('app'), ...port({}) }] },
    { baseline: ['hostNamespaces', 'hostPorts'] },
  ),
  ...ofPod(
    'on the network of the node, a port is one of the node, for init containers too',
    { hostNetwork: true, initContainers: [{ ...container('first'), ...port({}) }] },
    { baseline: ['hostNamespaces', 'hostPorts'] },
  ),
];

const annotated = (annotations: JsonObject): JsonObject => ({ annotations });
const appArmorKey = 'container.apparmor.security.beta.kubernetes.io/app';
const appArmor = [
  ...ofEachContext('AppArmor RuntimeDefault', { appArmorProfile: { type: 'RuntimeDefault' } }, pass),
  ...ofEachContext('AppArmor Localhost', { appArmorProfile: { type: 'Localhost', localhostProfile: 'a' } }, pass),
  ...ofEachContext(
    'AppArmor Unconfined',
    { appArmorProfile: { type: 'Unconfined' } },
    { baseline: ['appArmorProfile'] },
  ),
  ...ofPod(
    'AppArmor of the pod RuntimeDefault',
    { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
    pass,
  ),
  ...ofPod(
    'AppArmor of the pod Unconfined',
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    { baseline: ['appArmorProfile'], versions: ['v1.0', 'v1.29', 'latest'] },
  ),
  ...ofPod(
    'AppArmor of the pod Unconfined, although the container overrides it',
    {
      securityContext: { appArmorProfile: { type: 'Unconfined' } },
      containers: [container('app', { ...hardened, appArmorProfile: { type: 'RuntimeDefault' } })],
    },
    { baseline: ['appArmorProfile'] },
  ),
  ...ofPod(
    'AppArmor without a type',
    { securityContext: { appArmorProfile: {} } },
    {
      baseline: ['appArmorProfile'],
      isInvalid: true,
    },
  ),
  ...ofPod('AppArmor annotation runtime/default', {}, pass, annotated({ [appArmorKey]: 'runtime/default' })),
  ...ofPod('AppArmor annotation localhost', {}, pass, annotated({ [appArmorKey]: 'localhost/a' })),
  ...ofPod(
    'AppArmor annotation unconfined',
    {},
    { baseline: ['appArmorProfile'] },
    annotated({ [appArmorKey]: 'unconfined' }),
  ),
  ...ofPod('AppArmor annotation empty', {}, pass, annotated({ [appArmorKey]: '' })),
  ...ofPod(
    'AppArmor annotation of no container',
    {},
    { baseline: ['appArmorProfile'], isInvalid: true },
    annotated({ 'container.apparmor.security.beta.kubernetes.io/other': 'unconfined' }),
  ),
];

const option = (options: JsonObject): JsonObject => ({ seLinuxOptions: options });
const seLinux = [
  ...ofEachContext('SELinux type container_t', option({ type: 'container_t' }), pass),
  ...ofEachContext('SELinux type empty', option({ type: '' }), pass),
  ...ofEachContext('SELinux level', option({ level: 's0:c123,c456' }), pass),
  ...ofEachContext('SELinux type spc_t', option({ type: 'spc_t' }), { baseline: ['seLinuxOptions'] }),
  ...ofEachContext('SELinux user', option({ user: 'system_u' }), { baseline: ['seLinuxOptions'] }),
  ...ofEachContext('SELinux role', option({ role: 'system_r' }), { baseline: ['seLinuxOptions'] }),
  ...ofPod(
    'SELinux type of the pod spc_t',
    { securityContext: option({ type: 'spc_t' }) },
    { baseline: ['seLinuxOptions'] },
  ),
  ...ofPod('SELinux user of the pod', { securityContext: option({ user: 'a' }) }, { baseline: ['seLinuxOptions'] }),
  ...ofPod('SELinux role of the pod', { securityContext: option({ role: 'a' }) }, { baseline: ['seLinuxOptions'] }),
  ...ofPod('SELinux role empty', { securityContext: option({ role: '', user: '' }) }, pass),
  ...ofPod('SELinux type container_init_t', { securityContext: option({ type: 'container_init_t' }) }, pass),
  ...ofPod(
    'SELinux type container_kvm_t',
    { securityContext: option({ type: 'container_kvm_t' }) },
    { versions: ['v1.0', 'latest'] },
  ),
  ...ofPod(
    'SELinux type container_engine_t',
    { securityContext: option({ type: 'container_engine_t' }) },
    {
      versions: ['v1.31', 'latest'],
    },
  ),
  ...ofPod(
    'SELinux type container_engine_t before',
    { securityContext: option({ type: 'container_engine_t' }) },
    {
      baseline: ['seLinuxOptions'],
      versions: ['v1.0', 'v1.30'],
    },
  ),
];

const procMounts = [
  ...ofEachContext('procMount Default', { procMount: 'Default' }, pass),
  ...ofEachContext('procMount null', { procMount: null }, pass),
  ...ofPod(
    'procMount Unmasked',
    { containers: [container('app', { ...hardened, procMount: 'Unmasked' })] },
    { baseline: ['procMount'], restricted: ['procMount_restricted'], isInvalid: true },
  ),
  ...ofPod(
    'procMount Unmasked in a user namespace',
    { hostUsers: false, containers: [container('app', { ...hardened, procMount: 'Unmasked' })] },
    { restricted: ['procMount_restricted'], versions: ['v1.35', 'latest'] },
  ),
  ...ofPod(
    'procMount Unmasked in a user namespace, for init containers too',
    { hostUsers: false, initContainers: [container('first', { ...hardened, procMount: 'Unmasked' })] },
    { restricted: ['procMount_restricted'] },
  ),
  ...ofPod(
    'procMount Unmasked in a user namespace before it counted',
    { hostUsers: false, containers: [container('app', { ...hardened, procMount: 'Unmasked' })] },
    { baseline: ['procMount'], versions: ['v1.0', 'v1.34'] },
  ),
];

const profile = (type: string): JsonObject => ({
  seccompProfile: type === 'Localhost' ? { type, localhostProfile: 'a.json' } : { type },
});
const none = { ...hardened, seccompProfile: null };
const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/app';
const unconfined: Expected = { baseline: ['seccompProfile_baseline'], restricted: ['seccompProfile_restricted'] };
const seccomp = [
  ...ofEachContext('seccomp Localhost', profile('Localhost'), pass),
  ...ofEachContext('seccomp Unconfined', profile('Unconfined'), unconfined),
  ...ofEachContext('seccomp unset', { seccompProfile: null }, onlyRestricted('seccompProfile_restricted')),
  ...ofPod(
    'seccomp of the pod',
    { securityContext: profile('RuntimeDefault'), containers: [container('app', none)] },
    pass,
  ),
  ...ofPod(
    'seccomp of the pod, for init containers too',
    { securityContext: profile('Localhost'), initContainers: [container('first', none)] },
    pass,
  ),
  ...ofPod('seccomp of the pod Unconfined', { securityContext: profile('Unconfined') }, unconfined),
  ...ofPod(
    'seccomp of the pod Unconfined, inherited',
    { securityContext: profile('Unconfined'), containers: [container('app', none)] },
    { ...unconfined, versions: ['v1.19', 'v1.24', 'latest'] },
  ),
  ...ofPod(
    'seccomp of a container Unconfined, although the pod has one',
    {
      securityContext: profile('RuntimeDefault'),
      containers: [container('app', { ...hardened, ...profile('Unconfined') })],
    },
    unconfined,
  ),
  ...ofPod(
    'seccomp Unconfined before the field',
    { securityContext: profile('Unconfined') },
    { versions: ['v1.0', 'v1.18'] },
  ),
  ...ofPod('seccomp unset before the field', { containers: [container('app', none)] }, { versions: ['v1.0', 'v1.18'] }),
  ...ofPod(
    'seccomp unset since the field',
    { containers: [container('app', none)] },
    {
      restricted: ['seccompProfile_restricted'],
      versions: ['v1.19', 'v1.25'],
    },
  ),
  ...(
    [
      ['unconfined', 'seccompProfile_baseline'],
      ['', 'seccompProfile_baseline'],
      ['runtime/default'],
      ['docker/default'],
      ['localhost/a'],
    ] as const
  ).flatMap(([value, ...baseline]) => [
    ...ofPod(
      `seccomp annotation of the pod '${value}'`,
      {},
      { baseline, versions: ['v1.0', 'v1.18'], isInvalid: value === '' },
      annotated({ [seccompPod]: value }),
    ),
    ...ofPod(
      `seccomp annotation of a container '${value}'`,
      { containers: [container('app', none)] },
      { baseline, versions: ['v1.18'], isInvalid: value === '' },
      annotated({ [seccompContainer]: value }),
    ),
  ]),
  ...ofPod(
    'seccomp annotation since the field',
    {},
    { versions: ['v1.19', 'latest'] },
    annotated({ [seccompPod]: 'unconfined' }),
  ),
  ...ofPod(
    'seccomp annotation of no container',
    {},
    { versions: ['v1.18'] },
    annotated({ 'container.seccomp.security.alpha.kubernetes.io/other': 'unconfined' }),
  ),
];

const sysctl = (name: string): JsonObject => ({ securityContext: { sysctls: [{ name, value: '1' }] } });
const forbidden = { baseline: ['sysctls'] };
const sysctls = [
  ...ofPod('sysctl kernel.shm_rmid_forced', sysctl('kernel.shm_rmid_forced'), { versions: ['v1.0', 'latest'] }),
  ...ofPod('sysctl net.ipv4.ip_local_port_range', sysctl('net.ipv4.ip_local_port_range'), {
    versions: ['v1.0', 'latest'],
  }),
  ...ofPod('sysctl net.ipv4.tcp_syncookies', sysctl('net.ipv4.tcp_syncookies'), pass),
  ...ofPod('sysctl net.ipv4.ping_group_range', sysctl('net.ipv4.ping_group_range'), pass),
  ...ofPod('sysctl net.ipv4.ip_unprivileged_port_start', sysctl('net.ipv4.ip_unprivileged_port_start'), pass),
  ...ofPod('sysctl net.core.somaxconn', sysctl('net.core.somaxconn'), {
    ...forbidden,
    versions: ['v1.0', 'v1.24', 'latest'],
  }),
  ...ofPod('sysctl kernel.msgmax', sysctl('kernel.msgmax'), forbidden),
  ...ofPod('sysctl with slashes', sysctl('net/ipv4/tcp_syncookies'), forbidden),
  ...(
    [
      ['net.ipv4.ip_local_reserved_ports', 26, 27],
      ['net.ipv4.tcp_keepalive_time', 28, 29],
      ['net.ipv4.tcp_fin_timeout', 28, 29],
      ['net.ipv4.tcp_keepalive_intvl', 28, 29],
      ['net.ipv4.tcp_keepalive_probes', 28, 29],
      ['net.ipv4.tcp_rmem', 31, 32],
      ['net.ipv4.tcp_wmem', 31, 32],
    ] as const
  ).flatMap(([name, before, since]) => [
    ...ofPod(`sysctl ${name} too early`, sysctl(name), { ...forbidden, versions: [`v1.${before}`] }),
    ...ofPod(`sysctl ${name}`, sysctl(name), { versions: [`v1.${since}`, 'latest'] }),
  ]),
];

const escalation = [
  ...ofEachContext('escalation true', { allowPrivilegeEscalation: true }, onlyRestricted('allowPrivilegeEscalation')),
  ...ofEachContext('escalation unset', { allowPrivilegeEscalation: null }, onlyRestricted('allowPrivilegeEscalation')),
  ...ofKind(
    'containers',
    'escalation before the field',
    { securityContext: { ...hardened, allowPrivilegeEscalation: true } },
    { versions: ['v1.0', 'v1.7'] },
  ),
  ...ofKind(
    'containers',
    'escalation since the field',
    { securityContext: { ...hardened, allowPrivilegeEscalation: true } },
    { restricted: ['allowPrivilegeEscalation'], versions: ['v1.8', 'v1.25'] },
  ),
];

const unset = { ...hardened, runAsNonRoot: null };
const users = [
  ...ofEachContext('runAsNonRoot false', { runAsNonRoot: false }, onlyRestricted('runAsNonRoot')),
  ...ofEachContext('runAsNonRoot unset', { runAsNonRoot: null }, onlyRestricted('runAsNonRoot')),
  ...ofPod(
    'runAsNonRoot of the pod',
    { securityContext: { runAsNonRoot: true }, containers: [container('app', unset)] },
    pass,
  ),
  ...ofPod(
    'runAsNonRoot of the pod, for init containers too',
    { securityContext: { runAsNonRoot: true }, initContainers: [container('first', unset)] },
    pass,
  ),
  ...ofPod(
    'runAsNonRoot of the pod, overridden',
    { securityContext: { runAsNonRoot: true }, containers: [container('app', { ...hardened, runAsNonRoot: false })] },
    onlyRestricted('runAsNonRoot'),
  ),
  ...ofPod(
    'runAsNonRoot of the pod false, inherited',
    { securityContext: { runAsNonRoot: false }, containers: [container('app', unset)] },
    { restricted: ['runAsNonRoot'], versions: ['v1.0', 'latest'] },
  ),
  ...ofPod(
    'runAsNonRoot of the pod false, although each container says true',
    { securityContext: { runAsNonRoot: false } },
    onlyRestricted('runAsNonRoot'),
  ),
  ...ofEachContext('runAsUser 0', { runAsUser: 0 }, onlyRestricted('runAsUser')),
  ...ofEachContext('runAsUser 1000', { runAsUser: 1000 }, pass),
  ...ofEachContext(
    'runAsUser without runAsNonRoot',
    { runAsUser: 1000, runAsNonRoot: null },
    onlyRestricted('runAsNonRoot'),
  ),
  ...ofEachContext('runAsGroup 0 is no matter', { runAsGroup: 0 }, pass),
  ...ofPod('runAsUser of the pod 0', { securityContext: { runAsUser: 0 } }, onlyRestricted('runAsUser')),
  ...ofPod('runAsUser of the pod 1000', { securityContext: { runAsUser: 1000 } }, pass),
  ...ofPod(
    'runAsUser of the pod 0, although the container overrides it',
    { securityContext: { runAsUser: 0 }, containers: [container('app', { ...hardened, runAsUser: 1000 })] },
    onlyRestricted('runAsUser'),
  ),
  ...ofPod('runAsUser before the control', { securityContext: { runAsUser: 0 } }, { versions: ['v1.0', 'v1.22'] }),
  ...ofPod(
    'runAsUser since the control',
    { securityContext: { runAsUser: 0 } },
    {
      restricted: ['runAsUser'],
      versions: ['v1.23', 'v1.34'],
    },
  ),
  ...ofPod(
    'root in a user namespace',
    { hostUsers: false, containers: [container('app', { ...unset, runAsUser: 0 })] },
    { versions: ['v1.35', 'latest'] },
  ),
  ...ofPod(
    'root in a user namespace before it counted',
    { hostUsers: false, containers: [container('app', { ...unset, runAsUser: 0 })] },
    { restricted: ['runAsNonRoot', 'runAsUser'], versions: ['v1.23', 'v1.34'] },
  ),
  ...ofPod(
    'root with hostUsers true',
    { hostUsers: true, containers: [container('app', { ...unset, runAsUser: 0 })] },
    onlyRestricted('runAsNonRoot', 'runAsUser'),
  ),
];

const get = (host: string): JsonObject => ({ httpGet: { host, port: 80 } });
const socket = (host: string): JsonObject => ({ tcpSocket: { host, port: 80 } });
const ownHost = { baseline: ['hostProbesAndHostLifecycle'] };
const probes = [
  ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) => [
    ...ofKind('containers', `${probe} httpGet host`, { [probe]: get('10.0.0.1') }, ownHost),
    ...ofKind('containers', `${probe} tcpSocket host`, { [probe]: socket('10.0.0.1') }, ownHost),
    ...ofKind('containers', `${probe} without a host`, { [probe]: { httpGet: { port: 80 } } }, pass),
    ...ofKind('ephemeralContainers', `${probe} httpGet host`, { [probe]: get('a') }, { ...ownHost, isInvalid: true }),
    ...ofKind('initContainers', `${probe} of a sidecar`, { restartPolicy: 'Always', [probe]: get('a') }, ownHost),
  ]),
  ...['postStart', 'preStop'].flatMap((hook) => [
    ...ofKind('containers', `${hook} httpGet host`, { lifecycle: { [hook]: get('10.0.0.1') } }, ownHost),
    ...ofKind('containers', `${hook} tcpSocket host`, { lifecycle: { [hook]: socket('10.0.0.1') } }, ownHost),
    ...ofKind('containers', `${hook} host empty`, { lifecycle: { [hook]: get('') } }, pass),
    ...ofKind(
      'initContainers',
      `${hook} of a sidecar`,
      { restartPolicy: 'Always', lifecycle: { [hook]: get('a') } },
      ownHost,
    ),
  ]),
  ...ofKind('containers', 'this very host counts too', { livenessProbe: get('127.0.0.1') }, ownHost),
  ...ofKind('containers', 'a probe by gRPC has no host', { livenessProbe: { grpc: { port: 80 } } }, pass),
  ...ofKind('containers', 'host of a probe', { livenessProbe: get('a') }, { ...ownHost, versions: ['v1.34'] }),
  ...ofKind('containers', 'host of a probe before', { livenessProbe: get('a') }, { versions: ['v1.0', 'v1.33'] }),
];

const hostProcess = { windowsOptions: { hostProcess: true } };
const onWindows = [
  ...ofPod('Windows needs only runAsNonRoot', { ...windows, ...bare }, { versions: ['v1.25', 'latest'] }),
  ...ofPod('Windows and init containers', { ...windows, ...bare, initContainers: [container('first', {})] }, pass),
  ...ofPod('Windows without runAsNonRoot', { os: { name: 'windows' }, ...bare }, onlyRestricted('runAsNonRoot')),
  ...ofPod(
    'Windows before it counted',
    { ...windows, ...bare },
    {
      restricted: ['allowPrivilegeEscalation', 'capabilities_restricted', 'seccompProfile_restricted'],
      versions: ['v1.22', 'v1.24'],
    },
  ),
  ...ofPod(
    'Linux is no exception',
    { ...windows, ...bare, os: { name: 'linux' } },
    {
      restricted: ['allowPrivilegeEscalation', 'capabilities_restricted', 'seccompProfile_restricted'],
    },
  ),
  ...ofPod(
    'hostProcess of the pod',
    { os: { name: 'windows' }, hostNetwork: true, securityContext: { runAsNonRoot: true, ...hostProcess }, ...bare },
    { baseline: ['hostNamespaces', 'windowsHostProcess'] },
  ),
  ...ofPod(
    'hostProcess of a container',
    {
      os: { name: 'windows' },
      hostNetwork: true,
      securityContext: { runAsNonRoot: true },
      containers: [container('app', hostProcess)],
    },
    { baseline: ['hostNamespaces', 'windowsHostProcess'] },
  ),
  ...ofPod(
    'hostProcess of an init container',
    {
      hostNetwork: true,
      containers: [container('app', { ...hardened, ...hostProcess })],
      initContainers: [container('first', { ...hardened, ...hostProcess })],
    },
    { baseline: ['hostNamespaces', 'windowsHostProcess'], versions: ['v1.0', 'latest'] },
  ),
  ...ofPod(
    'hostProcess false',
    {
      os: { name: 'windows' },
      securityContext: { runAsNonRoot: true, windowsOptions: { hostProcess: false } },
      ...bare,
    },
    pass,
  ),
];

const together = [
  ...ofPod('hardened', {}, { versions: ['v1.0', 'v1.20', 'v1.24', 'v1.30', 'v1.36', 'v1.99', 'latest'] }),
  ...ofPod('nothing set', bare, onlyRestricted(...all)),
  ...ofPod('nothing set, at first', bare, { restricted: ['runAsNonRoot'], versions: ['v1.0', 'v1.7'] }),
  ...ofPod('nothing set, v1.20', bare, {
    restricted: ['allowPrivilegeEscalation', 'runAsNonRoot', 'seccompProfile_restricted'],
    versions: ['v1.20'],
  }),
  ...ofPod('no security context at all', { containers: [{ name: 'app', image: 'a' }] }, onlyRestricted(...all)),
  ...ofPod(
    'one container of three',
    { containers: [container('a'), container('b'), container('c', {})] },
    onlyRestricted(...all),
  ),
  ...ofPod(
    'all at once',
    {
      hostPID: true,
      securityContext: {
        runAsUser: 0,
        sysctls: [{ name: 'kernel.msgmax', value: '1' }],
        seLinuxOptions: { user: 'a' },
      },
      containers: [
        { ...container('app', { privileged: true, capabilities: { add: ['SYS_TIME'] } }), ...port({ hostPort: 1 }) },
      ],
      ...volume({ hostPath: { path: '/' } }),
    },
    {
      baseline: [
        'capabilities_baseline',
        'hostNamespaces',
        'hostPathVolumes',
        'hostPorts',
        'privileged',
        'seLinuxOptions',
        'sysctls',
      ],
      restricted: [
        'hostNamespaces',
        'hostPorts',
        'privileged',
        'seLinuxOptions',
        'sysctls',
        ...all,
        'restrictedVolumes',
        'runAsUser',
      ],
    },
  ),
];

/** Built from the public standard: each control, each kind of container, pod and container, Windows, each change. */
export const podSecurityCases: readonly PodSecurityCase[] = [
  ...together,
  ...hostNamespaces,
  ...privileged,
  ...capabilities,
  ...hostPaths,
  ...volumes,
  ...hostPorts,
  ...appArmor,
  ...seLinux,
  ...procMounts,
  ...seccomp,
  ...sysctls,
  ...escalation,
  ...users,
  ...probes,
  ...onWindows,
];
