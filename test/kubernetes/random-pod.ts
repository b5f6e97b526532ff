import type { JsonValue } from '../../src/formats/index.js';

type JsonObject = { readonly [key: string]: JsonValue };

const ownSysctls = ['kernel.shm_rmid_forced', 'kernel.msgmax', 'fs.mqueue.msg_max'];
const networkSysctls = [
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.core.somaxconn',
  'net/ipv4/tcp_syncookies',
];

/** A pod made at random, most often a valid one; the same seed makes the same pod. */
export function randomPod(seed: number): JsonObject {
  return new RandomPod(seed).make();
}

/** The same with one value replaced by one of another type, or by nothing: what is no valid pod any more must not pass. */
export function damagedPod(seed: number): JsonObject {
  return new RandomPod(seed).makeDamaged();
}

class RandomPod {
  #state: number;
  readonly #isHardened: boolean;
  readonly #isWindows: boolean;
  readonly #isHostProcess: boolean;
  readonly #hostUsers: boolean | undefined;
  readonly #hasHostNetwork: boolean;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) >>> 0;
    this.#isHardened = this.#chance(0.7);
    this.#isWindows = this.#chance(0.1);
    this.#isHostProcess = this.#isWindows && this.#chance(0.3);
    this.#hostUsers = this.#pick(undefined, undefined, undefined, undefined, false, true);
    this.#hasHostNetwork = this.#isHostProcess || (this.#hostUsers !== false && this.#chance(0.08));
  }

  make(): JsonObject {
    const containers = this.#list(1, 3, (at) => this.#container(`app-${at}`, 'container'));
    const initContainers = this.#list(0, 2, (at) => this.#container(`init-${at}`, 'init'));
    const spec: JsonObject = {
      containers,
      ...(initContainers.length > 0 ? { initContainers } : {}),
      ...(this.#chance(0.04)
        ? { ephemeralContainers: this.#list(1, 2, (at) => this.#container(`debug-${at}`, 'ephemeral')) }
        : {}),
      ...this.#maybe(0.4, 'volumes', () => this.#list(0, 2, (at) => this.#volume(`volume-${at}`))),
      ...(this.#isWindows ? { os: { name: 'windows' } } : this.#maybe(0.05, 'os', () => ({ name: 'linux' }))),
      ...(this.#hostUsers === undefined || this.#isWindows ? {} : { hostUsers: this.#hostUsers }),
      ...(this.#hasHostNetwork
        ? { hostNetwork: true }
        : this.#maybe(0.05, 'hostNetwork', () => this.#pick(false, null))),
      ...(this.#hostUsers === false ? {} : this.#maybe(0.05, 'hostPID', () => this.#pick(true, false, null))),
      ...(this.#hostUsers === false ? {} : this.#maybe(0.05, 'hostIPC', () => this.#pick(true, false, null))),
      ...this.#maybe(this.#isHostProcess ? 1 : 0.7, 'securityContext', () => this.#podContext()),
    };
    return { metadata: { name: 'app', ...this.#maybe(0.3, 'annotations', () => this.#annotations()) }, spec };
  }

  makeDamaged(): JsonObject {
    const { metadata, spec } = this.make();
    const annotations = objectOf(objectOf(metadata)['annotations']);
    if (this.#chance(0.1))
      return { metadata: { name: 'app', annotations: this.#damage(annotations) }, spec: spec ?? null };
    return { metadata: metadata ?? null, spec: this.#damage(spec ?? null) };
  }

  /** Goes down by chance, and replaces what it comes to. */
  #damage(value: JsonValue): JsonValue {
    const parts = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (parts.length === 0 || this.#chance(0.15))
      return this.#pick<JsonValue>(null, null, null, '', 'x', 0, 7, true, [], {});
    const [key] = this.#pick(...parts);
    const changed = parts.map(([at, part]) => [at, at === key ? this.#damage(part) : part] as const);
    return Array.isArray(value) ? changed.map(([, part]) => part) : Object.fromEntries(changed);
  }

  #container(name: string, kind: 'container' | 'init' | 'ephemeral'): JsonObject {
    const isSidecar = kind === 'init' && this.#chance(0.5);
    const hasHandlers = kind === 'container' || isSidecar;
    return {
      name,
      image: 'example.com/app:1',
      ...(isSidecar ? { restartPolicy: 'Always' } : {}),
      ...this.#maybe(0.92, 'securityContext', () => (this.#chance(0.03) ? null : this.#context())),
      ...(kind === 'ephemeral' ? {} : this.#maybe(0.3, 'ports', () => this.#list(0, 2, () => this.#port()))),
      ...(hasHandlers ? this.#maybe(0.1, 'livenessProbe', () => this.#handler()) : {}),
      ...(hasHandlers ? this.#maybe(0.1, 'readinessProbe', () => this.#handler()) : {}),
      ...(hasHandlers ? this.#maybe(0.05, 'startupProbe', () => this.#handler()) : {}),
      ...(hasHandlers
        ? this.#maybe(0.1, 'lifecycle', () => ({
            ...this.#maybe(0.6, 'postStart', () => this.#handler()),
            ...this.#maybe(0.6, 'preStop', () => this.#handler()),
          }))
        : {}),
    };
  }

  #context(): JsonObject {
    const both: JsonObject = {
      ...this.#maybe(0.6, 'runAsNonRoot', () => this.#mostly(true, false, null)),
      ...this.#maybe(0.1, 'windowsOptions', () => this.#windowsOptions()),
    };
    if (this.#isWindows) return both;
    const privileged = this.#chance(0.06) ? this.#pick(true, false, null) : undefined;
    const escalation = privileged === true ? this.#pick(null, true) : this.#mostly(false, true, null);
    return {
      ...both,
      ...(privileged === undefined ? {} : { privileged }),
      ...this.#maybe(0.9, 'allowPrivilegeEscalation', () => escalation),
      ...this.#maybe(0.9, 'capabilities', () => this.#capabilities()),
      ...this.#maybe(0.1, 'runAsUser', () => this.#pick(0, 1, 1000, null)),
      ...this.#maybe(0.05, 'runAsGroup', () => this.#pick(0, 1000)),
      ...this.#maybe(0.5, 'seccompProfile', () => this.#profile(true)),
      ...this.#maybe(0.1, 'appArmorProfile', () => this.#profile(true)),
      ...this.#maybe(0.1, 'seLinuxOptions', () => this.#seLinux()),
      ...this.#maybe(0.1, 'procMount', () =>
        this.#hostUsers === false ? this.#pick('Default', 'Unmasked') : 'Default',
      ),
      ...this.#maybe(0.1, 'readOnlyRootFilesystem', () => true),
    };
  }

  #podContext(): JsonObject {
    const both: JsonObject = {
      ...this.#maybe(0.7, 'runAsNonRoot', () => this.#mostly(true, false, null)),
      ...this.#maybe(this.#isHostProcess ? 1 : 0.1, 'windowsOptions', () => this.#windowsOptions()),
    };
    if (this.#isWindows) return both;
    return {
      ...both,
      ...this.#maybe(0.1, 'runAsUser', () => this.#pick(0, 1000, null)),
      ...this.#maybe(0.1, 'fsGroup', () => this.#pick(0, 1000)),
      ...this.#maybe(0.6, 'seccompProfile', () => this.#profile(true)),
      ...this.#maybe(0.1, 'appArmorProfile', () => this.#profile(true)),
      ...this.#maybe(0.1, 'seLinuxOptions', () => this.#seLinux()),
      ...this.#maybe(0.15, 'sysctls', () => this.#sysctls()),
    };
  }

  #windowsOptions(): JsonObject {
    // All containers of a pod, or none; and then on the node's network.
    if (this.#isHostProcess) return { hostProcess: true };
    return this.#pick<JsonObject>({}, { hostProcess: false }, { runAsUserName: 'a' });
  }

  #capabilities(): JsonObject {
    const names = [
      'ALL',
      'CHOWN',
      'NET_BIND_SERVICE',
      'NET_RAW',
      'SYS_TIME',
      'KILL',
      'CAP_KILL',
      'net_bind_service',
      '',
    ];
    return {
      ...this.#maybe(0.95, 'drop', () => (this.#isHardened || this.#chance(0.5) ? ['ALL'] : this.#some(names))),
      ...this.#maybe(0.2, 'add', () => (this.#chance(0.4) ? ['NET_BIND_SERVICE'] : this.#some(names))),
    };
  }

  #profile(withPath: boolean): JsonValue {
    const type =
      this.#isHardened && this.#chance(0.8)
        ? 'RuntimeDefault'
        : this.#pick('RuntimeDefault', 'Localhost', 'Unconfined');
    if (this.#chance(0.03)) return null;
    return type === 'Localhost' && withPath ? { type, localhostProfile: 'profile' } : { type };
  }

  #seLinux(): JsonObject {
    const types = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t', 'spc_t'];
    return {
      ...this.#maybe(0.7, 'type', () => this.#pick(...types)),
      ...this.#maybe(0.2, 'user', () => this.#pick('', 'system_u')),
      ...this.#maybe(0.2, 'role', () => this.#pick('', 'system_r')),
      ...this.#maybe(0.3, 'level', () => 's0:c1,c2'),
    };
  }

  #sysctls(): JsonValue {
    const names = this.#hasHostNetwork ? ownSysctls : [...ownSysctls, ...networkSysctls];
    return this.#some(names).map((name) => ({ name, value: '1' }));
  }

  #port(): JsonObject {
    const containerPort = 1 + this.#below(65_000);
    if (this.#chance(0.8)) return { containerPort, ...this.#maybe(0.1, 'hostPort', () => this.#pick(0, null)) };
    return { containerPort, hostPort: this.#hasHostNetwork ? containerPort : 1 + this.#below(65_000) };
  }

  #handler(): JsonObject {
    const host = this.#maybe(0.3, 'host', () => this.#pick('', 'example.com', '10.0.0.1', null));
    return this.#pick<JsonObject>(
      { httpGet: { port: 80, ...host } },
      { tcpSocket: { port: 80, ...host } },
      { exec: { command: ['true'] } },
    );
  }

  #volume(name: string): JsonObject {
    const safe = this.#pick<JsonObject>(
      {},
      { emptyDir: {} },
      { configMap: { name: 'a' } },
      { secret: { secretName: 'a' } },
      { downwardAPI: {} },
      { projected: { sources: [] } },
      { persistentVolumeClaim: { claimName: 'a' } },
      { csi: { driver: 'example.com' } },
      { image: { reference: 'example.com/data:1' } },
      { emptyDir: {}, hostPath: null },
    );
    const others = this.#pick<JsonObject>(
      { hostPath: { path: '/var/log' } },
      { nfs: { server: 'a', path: '/' } },
      { iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2001-04.com.example:storage', lun: 0 } },
      { cephfs: { monitors: ['a'] } },
      { flexVolume: { driver: 'example/a' } },
      { azureFile: { secretName: 'a', shareName: 'b' } },
      { fc: { targetWWNs: ['a'], lun: 0 } },
    );
    return { name, ...(this.#chance(this.#isHardened ? 0.9 : 0.6) ? safe : others) };
  }

  #annotations(): JsonObject {
    const values = ['runtime/default', 'runtime/default', 'docker/default', 'localhost/a', 'unconfined', ''];
    const appArmor = this.#pick('runtime/default', 'localhost/a', 'unconfined', '');
    return {
      ...this.#maybe(0.3, 'container.apparmor.security.beta.kubernetes.io/app-0', () => appArmor),
      ...this.#maybe(0.4, 'seccomp.security.alpha.kubernetes.io/pod', () => this.#pick(...values)),
      ...this.#maybe(0.3, 'container.seccomp.security.alpha.kubernetes.io/app-0', () => this.#pick(...values)),
      ...this.#maybe(0.1, 'container.seccomp.security.alpha.kubernetes.io/other', () => 'unconfined'),
      ...this.#maybe(0.2, 'example.com/note', () => 'unconfined'),
    };
  }

  #mostly(usual: JsonValue, ...others: readonly JsonValue[]): JsonValue {
    return this.#chance(this.#isHardened ? 0.93 : 0.5) ? usual : this.#pick<JsonValue>(...others);
  }

  #maybe(chance: number, key: string, make: () => JsonValue): JsonObject {
    return this.#chance(chance) ? { [key]: make() } : {};
  }

  #list<T>(least: number, most: number, make: (at: number) => T): readonly T[] {
    return Array.from({ length: least + this.#below(most - least + 1) }, (_, at) => make(at));
  }

  /** One or two different ones. */
  #some(from: readonly string[]): readonly string[] {
    return [...new Set([this.#pick(...from), this.#pick(...from)])];
  }

  #pick<T>(...from: readonly T[]): T {
    const picked = from[this.#below(from.length)];
    return picked as T;
  }

  #chance(probability: number): boolean {
    return this.#next() < probability;
  }

  #below(bound: number): number {
    return Math.floor(this.#next() * bound);
  }

  /** Mulberry32: numbers from 0 to below 1. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
