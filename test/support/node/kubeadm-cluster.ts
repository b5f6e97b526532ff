import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kubelet, NodeImage } from './kubelet.js';
import { pause, type NodeBox } from './node-box.js';

/** What a test says when it skips because there is no kubeadm. */
export const kubeadmIsAbsent =
  'neither TIDEWAITER_KUBEADM nor KUBEBUILDER_ASSETS has a kubeadm (.ci/kubeadm makes one)';

/** The real kubeadm: `TIDEWAITER_KUBEADM`, or the one beside the API server in `KUBEBUILDER_ASSETS`. */
export function findKubeadm(): string | undefined {
  const beside = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'kubeadm');
  const path = process.env['TIDEWAITER_KUBEADM'] || (process.env['KUBEBUILDER_ASSETS'] ? beside : undefined);
  return path !== undefined && existsSync(path) ? path : undefined;
}

export const kubernetesVersion = 'v1.36.1';

/** What kubeadm's own static pods run. */
export function controlPlaneImage(name: string): NodeImage | undefined {
  if (!/^registry\.k8s\.io\/(?:kube-apiserver|etcd):/.test(name)) return undefined;
  return { entrypoint: [], env: { PATH: '/opt/kube:/usr/bin' } };
}

/** A configuration of kubeadm that names what it would ask the network or the machine for. */
export function kubeadmConfiguration(box: NodeBox): string {
  return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: ${box.address}, bindPort: 6443}
nodeRegistration: {name: ${box.hostname}, criSocket: "unix:///run/containerd/containerd.sock"}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: ${kubernetesVersion}
encryptionAlgorithm: ECDSA-P256
networking: {serviceSubnet: 10.96.0.0/16}
etcd: {local: {extraArgs: [{name: unsafe-no-fsync, value: "true"}]}}
`;
}

const phases = ['certs all', 'kubeconfig all', 'etcd local', 'control-plane apiserver'] as const;

/** As `kubeadm init` does it, as far as an API server goes: keys, credentials, static pods. */
export async function kubeadmInit(box: NodeBox, configuration: string): Promise<void> {
  writeFileSync(box.path('/root/kubeadm.yaml'), configuration);
  for (const phase of phases) {
    const { exitCode, stdout, stderr } = await box.run(`kubeadm init phase ${phase} --config kubeadm.yaml`);
    if (exitCode !== 0) throw new Error(`kubeadm init phase ${phase}: ${stdout}${stderr}`);
  }
  mkdirSync(box.path('/root/.kube'), { recursive: true });
  await mustRun(box, 'cp /etc/kubernetes/admin.conf .kube/config');
}

/** Waits for the API server, and does what kubeadm and the controllers of a cluster do first. */
export async function completeCluster(box: NodeBox): Promise<void> {
  const until = Date.now() + 60_000;
  while ((await box.run('kubectl --kubeconfig=/etc/kubernetes/super-admin.conf get --raw /readyz')).exitCode !== 0) {
    if (Date.now() > until) throw new Error('the API server does not come up');
    await pause(100);
  }
  const binding =
    'clusterrolebinding kubeadm:cluster-admins --clusterrole=cluster-admin --group=kubeadm:cluster-admins';
  await mustRun(box, `kubectl --kubeconfig=/etc/kubernetes/super-admin.conf create ${binding}`);
  await mustRun(box, 'until kubectl auth can-i create pods; do sleep 0.1; done');
  await mustRun(box, 'kubectl create serviceaccount default');
}

/** Runs a line that must work. */
export async function mustRun(box: NodeBox, line: string): Promise<string> {
  const { exitCode, stdout, stderr } = await box.run(line);
  if (exitCode !== 0) throw new Error(`${line}: ${stdout}${stderr}`);
  return stdout;
}

/** Waits until the kubelet follows what lies in its folder, and the API server answers again. */
export async function settled(box: NodeBox, kubelet: Kubelet): Promise<void> {
  await kubelet.settled();
  await mustRun(box, 'until kubectl get --raw /readyz; do sleep 0.1; done');
}
