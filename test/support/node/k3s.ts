import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { asArray, asObject, type JsonValue } from '../../../src/formats/index.js';
import { kubeadmConfiguration, mustRun } from './kubeadm-cluster.js';
import { pause, type NodeBox } from './node-box.js';

const configuration = '/etc/rancher/k3s/config.yaml';

/**
 * Values of a key in the configuration of k3s: the file, then those of `config.yaml.d` in the order of their names; a later
 * one replaces what an earlier one says, unless its key ends with `+`.
 */
export function k3sValues(box: NodeBox, key: string): readonly string[] {
  const folder = box.path(`${configuration}.d`);
  const more = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = [
    box.path(configuration),
    ...more.filter((one) => /\.ya?ml$/i.test(one)).map((one) => `${folder}/${one}`),
  ];
  let values: readonly JsonValue[] = [];
  for (const file of files.filter((one) => existsSync(one))) {
    const object = asObject(parse(readFileSync(file, 'utf8'))) ?? {};
    for (const [name, value] of Object.entries(object)) {
      if (name.replace(/\+$/, '') !== key || value === undefined) continue;
      const own = asArray(value) ?? [value];
      values = name.endsWith('+') ? [...values, ...own] : own;
    }
  }
  return values.map(String);
}

/**
 * The flags of k3s' API server: its own, and those of `kube-apiserver-arg`. What is given there takes the place of its own of
 * that name, unless the name ends with `+`; given several times, all are passed on.
 */
export function k3sFlags(own: Readonly<Record<string, string>>, given: readonly string[]): readonly string[] {
  const left = new Map(Object.entries(own));
  const many = new Map<string, string[]>();
  for (const text of given) {
    const [written = '', ...rest] = text.replace(/^--/, '').split('=');
    const name = written.replace(/[-+]+$/, '');
    const before = many.get(name) ?? [];
    const first = left.get(name);
    const kept = written.endsWith('+') && first !== undefined ? [first] : [];
    many.set(name, [...kept, ...before, rest.length === 0 ? 'true' : rest.join('=')]);
    left.delete(name);
  }
  for (const [name, value] of left) many.set(name, [value]);
  const sorted = [...many].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.flatMap(([name, values]) => values.map((value) => `--${name}=${value}`));
}

/** Lays out a machine as the installer of k3s leaves it. Keys are kubeadm's, because k3s is not here to make them. */
export async function installK3s(box: NodeBox): Promise<void> {
  writeFileSync(box.path('/root/kubeadm.yaml'), kubeadmConfiguration(box));
  for (const phase of ['certs all', 'kubeconfig super-admin']) {
    await mustRun(box, `kubeadm init phase ${phase} --config kubeadm.yaml`);
  }
  mkdirSync(box.path('/etc/rancher/k3s'), { recursive: true });
  mkdirSync(box.path('/etc/systemd/system'), { recursive: true });
  cpSync(box.path('/etc/kubernetes/super-admin.conf'), box.path('/etc/rancher/k3s/k3s.yaml'));
  writeFileSync(
    box.path('/etc/systemd/system/k3s.service'),
    `[Unit]
Description=Lightweight Kubernetes
[Service]
Type=notify
Restart=always
ExecStart=/usr/local/bin/k3s server
[Install]
WantedBy=multi-user.target
`,
  );
  mkdirSync(box.path('/var/lib/rancher'), { recursive: true });
}

/** Stands in for `k3s server`: the real API server over a real etcd, with the flags that k3s would give it. */
export class K3s {
  readonly #box: NodeBox;
  #etcd: ChildProcess | undefined;

  constructor(box: NodeBox) {
    this.#box = box;
  }

  /** Ends when it serves, as a service of type `notify` does. */
  async start(): Promise<ChildProcess> {
    this.#startEtcd();
    const pki = '/etc/kubernetes/pki';
    const own = {
      'advertise-address': this.#box.address,
      'allow-privileged': 'true',
      'authorization-mode': 'Node,RBAC',
      'client-ca-file': `${pki}/ca.crt`,
      'enable-admission-plugins': 'NodeRestriction',
      'etcd-servers': 'http://127.0.0.1:2379',
      'secure-port': '6443',
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': `${pki}/sa.pub`,
      'service-account-signing-key-file': `${pki}/sa.key`,
      'service-cluster-ip-range': '10.43.0.0/16',
      'tls-cert-file': `${pki}/apiserver.crt`,
      'tls-private-key-file': `${pki}/apiserver.key`,
    };
    const flags = k3sFlags(own, k3sValues(this.#box, 'kube-apiserver-arg'));
    const child = this.#box.spawn(['/opt/kube/kube-apiserver', ...flags]);
    child.stdout?.resume();
    let said = '';
    child.stderr?.on('data', (piece: Buffer) => (said = (said + piece.toString('utf8')).slice(-4000)));
    while ((await this.#box.run('kubectl --kubeconfig=/etc/rancher/k3s/k3s.yaml get --raw /readyz')).exitCode !== 0) {
      if (child.exitCode !== null) throw new Error(`k3s ended: ${said}`);
      await pause(50);
    }
    return child;
  }

  stop(): void {
    this.#etcd?.kill('SIGKILL');
  }

  #startEtcd(): void {
    if (this.#etcd !== undefined) return;
    this.#etcd = this.#box.spawn(['/opt/kube/etcd', '--data-dir=/var/lib/rancher/etcd', '--unsafe-no-fsync']);
    this.#etcd.stdout?.resume();
    this.#etcd.stderr?.resume();
  }
}
