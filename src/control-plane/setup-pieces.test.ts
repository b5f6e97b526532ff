import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createContext } from '../core/index.js';
import type { Examination } from './examination.js';
import { examine } from './examine.js';
import { FaultList } from './fault.js';
import { findApiServerFile } from './find-setup.js';
import { memoryHost } from './host.js';
import { readApiServer } from './read-api-server.js';

type Files = Readonly<Record<string, string>>;

const look = (files: Files): Promise<Examination> => examine(createContext(), { host: memoryHost(files) });

async function flagsOf(files: Files): Promise<readonly string[]> {
  const found = await findApiServerFile(memoryHost(files));
  const server = found && readApiServer(found.text, found.path, new FaultList(), found.pieces);
  return (server?.flags ?? []).map(({ name, value, place }) => `${place.file}:${place.line} ${name}=${value}`);
}

const k3s = '/etc/rancher/k3s/config.yaml';

test('k3s: the pieces of its configuration, in the order of their names', async () => {
  const main = 'kube-apiserver-arg:\n- v=1\n';
  assert.deepEqual(await flagsOf({ [k3s]: main, [`${k3s}.d/b.yaml`]: 'kube-apiserver-arg+:\n- v=2\n' }), [
    `${k3s}:2 v=1`,
    `${k3s}.d/b.yaml:2 v=2`,
  ]);
  const two = { [`${k3s}.d/b.yml`]: 'kube-apiserver-arg+: v=3\n', [`${k3s}.d/a.yaml`]: 'kube-apiserver-arg: v=2\n' };
  assert.deepEqual(await flagsOf({ [k3s]: main, ...two }), [`${k3s}.d/a.yaml:1 v=2`, `${k3s}.d/b.yml:1 v=3`]);
  assert.deepEqual(await flagsOf({ [`${k3s}.d/a.yaml`]: 'kube-apiserver-arg+: [v=2]\n' }), [`${k3s}.d/a.yaml:1 v=2`]);
  assert.deepEqual(await flagsOf({ [k3s]: main, [`${k3s}.d/read.me`]: 'kube-apiserver-arg: v=2\n' }), [`${k3s}:2 v=1`]);
  const rke2 = '/etc/rancher/rke2/config.yaml';
  assert.deepEqual(await flagsOf({ [`${rke2}.d/a.yaml`]: 'kube-apiserver-arg: [enable-admission-plugins+=X]\n' }), [
    `${rke2}.d/a.yaml:1 enable-admission-plugins=X`,
  ]);
});

test('k3s: a later piece that takes the admission flags away is a fault', async () => {
  const flags = 'kube-apiserver-arg:\n- enable-admission-plugins=NodeRestriction,ImagePolicyWebhook\n';
  const lost = await look({ [k3s]: flags, [`${k3s}.d/z.yaml`]: 'kube-apiserver-arg:\n- v=2\n' });
  assert.ok(lost.faults.some(({ id, file, line }) => id === 'k3s-replaced' && file === k3s && line === 2));
  const kept = await look({ [k3s]: flags, [`${k3s}.d/z.yaml`]: 'kube-apiserver-arg+:\n- v=2\n' });
  assert.ok(!kept.faults.some(({ id }) => id === 'k3s-replaced'));
  const unit = `[Service]\nExecStart=/usr/local/bin/k3s server --kube-apiserver-arg=v=2\n`;
  const overruled = await look({ [k3s]: flags, '/etc/systemd/system/k3s.service': unit });
  assert.ok(overruled.faults.some(({ id }) => id === 'k3s-replaced'));
});

const unit = '/etc/systemd/system/kube-apiserver.service';
const start = '[Service]\nExecStart=/usr/bin/kube-apiserver --v=1\n';

test('a unit with drop-ins: an empty ExecStart takes back the first', async () => {
  assert.deepEqual(
    await flagsOf({
      [unit]: start,
      [`${unit}.d/20-b.conf`]: '[Service]\nEnvironment=A=--v=3\n',
      [`${unit}.d/10-a.conf`]: '[Service]\nExecStart=\nExecStart=-/usr/bin/kube-apiserver --v=2 $A\n',
      [`${unit}.d/readme`]: '[Service]\nExecStart=\n',
    }),
    [`${unit}.d/10-a.conf:3 v=2`, `${unit}.d/20-b.conf:2 v=3`],
  );
  const below = '/usr/lib/systemd/system/kube-apiserver.service';
  const hidden = `${below}.d/10-a.conf`;
  const reset = (flag: string): string => `[Service]\nExecStart=\nExecStart=/usr/bin/kube-apiserver ${flag}\n`;
  assert.deepEqual(
    await flagsOf({ [below]: start, [hidden]: reset('--v=8'), [`${unit}.d/10-a.conf`]: reset('--v=9') }),
    [`${unit}.d/10-a.conf:3 v=9`],
  );
  const gone = await look({ [unit]: start, [`${unit}.d/10-a.conf`]: '[Service]\nExecStart=\n' });
  assert.ok(gone.faults.some(({ id }) => id === 'not-an-api-server'));
});

test('files of variables that a unit names', async () => {
  const file = '/etc/kubernetes/apiserver';
  const text = '# flags\nARGS="--a=1 \\\n  --b=2"\nexport C=\'x y\'\n';
  const from =
    '[Service]\nEnvironment=ARGS=--lost C=c\nEnvironmentFile=-/etc/kubernetes/apiserver\nExecStart=/usr/bin/kube-apiserver $ARGS --c=${C}\n';
  assert.deepEqual(await flagsOf({ [unit]: from, [file]: text }), [
    `${file}:2 a=1`,
    `${file}:2 b=2`,
    `${unit}:4 c=x y`,
  ]);
  assert.deepEqual(await flagsOf({ [unit]: from }), [`${unit}:2 lost=undefined`, `${unit}:4 c=c`]);
});

const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const pod = `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver}
spec:
  containers:
  - name: kube-apiserver
    command:
    - kube-apiserver
    - --secure-port=6443
    - --enable-admission-plugins=NodeRestriction,ImagePolicyWebhook
    - --admission-control-config-file=/etc/kubernetes/admission/ac.yaml
    volumeMounts:
    - {name: a, mountPath: /etc/kubernetes/admission, readOnly: true}
  volumes:
  - {name: a, hostPath: {path: /etc/kubernetes/admission}}
`;

async function drift(kubeadm: string, more: Files = {}): Promise<readonly (number | undefined)[]> {
  const { faults } = await look({ [manifest]: pod, '/etc/kubernetes/kubeadm-config.yaml': kubeadm, ...more });
  return faults.filter(({ id }) => id === 'kubeadm-drift').map(({ line }) => line);
}

test('what kubeadm upgrade would undo', async () => {
  const head = (version: string): string => `apiVersion: kubeadm.k8s.io/${version}\nkind: ClusterConfiguration\n`;
  assert.deepEqual(await drift(head('v1beta4')), [10, 11, 13]);
  const volumes = `  extraVolumes: [{name: a, hostPath: /etc/kubernetes/admission, mountPath: /etc/kubernetes/admission/}]\n`;
  const list = `apiServer:\n  extraArgs:\n  - {name: enable-admission-plugins, value: "NodeRestriction,ImagePolicyWebhook"}\n  - {name: admission-control-config-file, value: /etc/kubernetes/admission/ac.yaml}\n`;
  assert.deepEqual(await drift(`${head('v1beta4')}${list}${volumes}`), []);
  assert.deepEqual(await drift(`${head('v1beta4')}${list}`), [13]);
  const mapping = `apiServer:\n  extraArgs:\n    enable-admission-plugins: NodeRestriction,ImagePolicyWebhook\n    admission-control-config-file: /elsewhere.yaml\n`;
  assert.deepEqual(await drift(`${head('v1beta3')}${mapping}${volumes}`), [11]);
  const patches = `---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\npatches: {directory: /etc/kubernetes/patches}\n`;
  assert.deepEqual(
    await drift(`${head('v1beta4')}${patches}`, { '/etc/kubernetes/patches/kube-apiserver+strategic.yaml': pod }),
    [],
  );
  const inCluster = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config}\ndata:\n  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n`;
  assert.deepEqual(await drift(inCluster), [10, 11, 13]);
  assert.deepEqual(await drift('nothing of it: [kubeadm.k8s.io'), []);
});

test('whatever the files hold, it is told and nothing throws', async () => {
  const word = fc.constantFrom(
    'kube-apiserver-arg+: ',
    'kube-apiserver-arg: ',
    '[v=1, {a: b}, null, 7]',
    '- enable-admission-plugins=ImagePolicyWebhook',
    '[Service]',
    'ExecStart=',
    'ExecStart=/usr/bin/kube-apiserver $A ${B} \\',
    'EnvironmentFile=/e',
    'EnvironmentFile=',
    'A="--admission-control-config-file=/x',
    'apiVersion: kubeadm.k8s.io/v1beta4',
    'kind: ClusterConfiguration',
    'kind: ConfigMap',
    'data: {ClusterConfiguration: "apiServer: ["}',
    'apiServer: {extraArgs: [{name: 1}, null], extraVolumes: {}}',
    'patches: {directory: [x]}',
    '---',
    '\u0000',
    '\t',
  );
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join('\n'));
  await fc.assert(
    fc.asyncProperty(text, text, text, async (a, b, c) => {
      await look({ [manifest]: pod, '/etc/kubernetes/kubeadm-config.yaml': `${a}\nkubeadm.k8s.io` });
      const units = { [unit]: `${start}${a}`, [`${unit}.d/a.conf`]: b, '/e': c };
      await look(units);
      await look({
        [k3s]: `kube-apiserver-arg: a\n${a}`,
        [`${k3s}.d/a.yaml`]: b,
        '/etc/systemd/system/k3s.service': c,
      });
    }),
    { numRuns: 150 },
  );
});
