import assert from 'node:assert/strict';
import test from 'node:test';
import { createContext } from '../core/index.js';
import type { Examination } from './examination.js';
import { examine } from './examine.js';
import { memoryHost, type MemoryFile } from './host.js';
import type { FaultId } from './kinds/index.js';

const manifestPath = '/etc/kubernetes/manifests/kube-apiserver.yaml';

interface Setup {
  readonly flags?: readonly string[];
  readonly mounts?: readonly string[];
  readonly volumes?: readonly string[];
  readonly pod?: string;
  readonly container?: string;
  readonly files?: Readonly<Record<string, string | MemoryFile>>;
}

const folder = '/etc/kubernetes/admission';
const mount = `{name: admission, mountPath: ${folder}, readOnly: true}`;
const volume = `{name: admission, hostPath: {path: ${folder}, type: Directory}}`;
const configFlag = `--admission-control-config-file=${folder}/ac.yaml`;

const configuration = (kubeconfig = `${folder}/kc.yaml`): string => `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ImagePolicyWebhook
  configuration:
    imagePolicy: {kubeConfigFile: ${kubeconfig}, allowTTL: 30, denyTTL: 10, retryBackoff: 500, defaultAllow: false}
`;

const kubeconfig = (server = 'https://127.0.0.1:8443/image-policy'): string => `apiVersion: v1
kind: Config
clusters: [{name: w, cluster: {server: "${server}"}}]
users: [{name: a, user: {token: abc}}]
contexts: [{name: c, context: {cluster: w, user: a}}]
current-context: c
`;

function manifest({
  flags = [configFlag],
  mounts = [mount],
  volumes = [volume],
  pod = '',
  container = '',
}: Setup): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  hostNetwork: true
${pod}  containers:
  - name: kube-apiserver
${container}    command:
    - kube-apiserver
    - --advertise-address=10.0.0.5
    - --service-cluster-ip-range=10.96.0.0/12
    - --enable-admission-plugins=NodeRestriction,ImagePolicyWebhook
    - --audit-policy-file=/etc/kubernetes/audit.yaml
${flags.map((flag) => `    - ${flag}\n`).join('')}    volumeMounts:
${mounts.map((one) => `    - ${one}\n`).join('')}  volumes:
${volumes.map((one) => `  - ${one}\n`).join('')}`;
}

async function look(setup: Setup): Promise<Examination> {
  const files = {
    [manifestPath]: manifest(setup),
    [`${folder}/ac.yaml`]: configuration(),
    [`${folder}/kc.yaml`]: kubeconfig(),
    ...setup.files,
  };
  return await examine(createContext(), { host: memoryHost(files) });
}

async function finds(setup: Setup, id: FaultId, line?: number): Promise<void> {
  const { faults } = await look(setup);
  const found = faults.some((fault) => fault.id === id && (line === undefined || fault.line === line));
  assert.ok(found, `no ${id} in ${JSON.stringify(faults, null, 1)}`);
}

async function errorsOf(setup: Setup): Promise<readonly string[]> {
  return (await look(setup)).faults.filter(({ severity }) => severity === 'error').map(({ id }) => id);
}

test('a good static pod has no errors, and what was looked at is told', async () => {
  const { faults, lookedAt } = await look({});
  assert.deepEqual(
    faults.map(({ id }) => id),
    ['ca-not-named'],
  );
  assert.deepEqual(lookedAt, [
    ['API server', manifestPath],
    ['AdmissionConfiguration', `${folder}/ac.yaml`],
    ['kubeconfig', `${folder}/kc.yaml`],
    ['webhook', 'https://127.0.0.1:8443/image-policy'],
  ]);
});

test('an API server without image admission', async () => {
  const bare = `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver}
spec:
  containers:
  - name: kube-apiserver
    command: [kube-apiserver, --enable-admission-plugins=NodeRestriction, --secure-port=6443]
`;
  const { faults } = await examine(createContext(), { host: memoryHost({ [manifestPath]: bare }) });
  assert.deepEqual(
    faults.map(({ id, line }) => [id, line]),
    [['image-policy-off', 7]],
  );
});

test('behind a mount without its volume the same path of the host is looked at, to find more', async () => {
  const { faults } = await look({
    mounts: [mount.replace('name: admission', 'name: admision')],
    files: { [`${folder}/ac.yaml`]: configuration().replace('allowTTL: 30', 'allowTTL: 9000') },
  });
  const errors = faults.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors.map(({ id }) => id).sort(), ['ttl-range', 'volume-unknown']);
  assert.match(errors.find(({ id }) => id === 'volume-unknown')?.fix ?? '', /name: admission,/);
});

test('paths that the container does not see', async () => {
  await finds({ mounts: [], volumes: [] }, 'path-not-mounted', 14);
  await finds({ mounts: [`{name: other, mountPath: ${folder}, readOnly: true}`] }, 'volume-unknown');
  await finds({ mounts: [] }, 'volume-not-mounted');
  await finds({ volumes: [`{name: admission, hostPath: {path: /opt/nothing}}`] }, 'host-path-missing');
  await finds({ volumes: ['{name: admission, configMap: {name: x}}'] }, 'volume-not-host-path');
  await finds({ volumes: [`{name: admission, hostPath: {path: ${folder}, type: File}}`] }, 'host-path-type');
  await finds({ mounts: [mount.replace('readOnly: true', 'readOnly: false')] }, 'mount-writable');
  await finds({ mounts: [mount, mount] }, 'mount-twice');
  assert.deepEqual(await errorsOf({ flags: [`--admission-control-config-file=${folder}/nope.yaml`] }), [
    'file-missing',
  ]);
});

test('the path of the host where that of the container is meant', async () => {
  const inside = { mounts: ['{name: admission, mountPath: /admission, readOnly: true}'] };
  const { faults } = await look(inside);
  const fixes = faults.filter(({ id }) => id === 'path-is-host-path').map(({ fix }) => fix);
  assert.deepEqual(fixes, ['write /admission/kc.yaml', 'write /admission/ac.yaml']);
  const right = { ...inside, flags: ['--admission-control-config-file=/admission/ac.yaml'] };
  assert.deepEqual(await errorsOf(right), ['path-is-host-path'], 'the kubeconfig still has the old path');
  const both = { ...right, files: { [`${folder}/ac.yaml`]: configuration('/admission/kc.yaml') } };
  assert.deepEqual(await errorsOf(both), []);
});

test('the longest mount counts, and single files can be mounted', async () => {
  const files = { '/opt/ac/ac.yaml': configuration(), '/srv/kc.yaml': kubeconfig() };
  const setup = {
    mounts: [
      '{name: etc, mountPath: /etc/kubernetes, readOnly: true}',
      `{name: opt, mountPath: ${folder}, readOnly: true}`,
      `{name: one, mountPath: ${folder}/kc.yaml, readOnly: true}`,
    ],
    volumes: [
      '{name: etc, hostPath: {path: /etc/kubernetes}}',
      '{name: opt, hostPath: {path: /opt, type: Directory}}',
      '{name: one, hostPath: {path: /srv/kc.yaml, type: File}}',
    ],
    files,
  };
  await finds(setup, 'file-missing');
  const subPath = {
    ...setup,
    mounts: setup.mounts.map((one) => one.replace(`mountPath: ${folder},`, `mountPath: ${folder}, subPath: ac,`)),
  };
  assert.deepEqual(await errorsOf(subPath), []);
  await finds(subPath, 'mount-of-one-file');
});

test('who may read the files', async () => {
  const container = '    securityContext: {runAsUser: 1001}\n';
  const closed = { text: configuration(), mode: 0o600 };
  await finds({ container, files: { [`${folder}/ac.yaml`]: closed } }, 'file-forbidden', 15);
  assert.deepEqual(await errorsOf({ container, files: { [`${folder}/ac.yaml`]: { ...closed, userId: 1001 } } }), []);
  assert.deepEqual(await errorsOf({ files: { [`${folder}/ac.yaml`]: closed } }), []);
});

test('flags in other forms', async () => {
  const two = { flags: ['--admission-control-config-file', `${folder}/ac.yaml`] };
  assert.deepEqual(await errorsOf(two), []);
  await finds({ flags: [`"--admission-control-config-file ${folder}/ac.yaml"`] }, 'flag-with-blank');
  await finds({ flags: [`--admission_control_config_file=${folder}/ac.yaml`] }, 'ca-not-named');
  await finds({ flags: [configFlag.replace('=', '="').concat('"')] }, 'path-relative');
  await finds({ flags: [configFlag, configFlag] }, 'config-flag-twice');
  await finds({ flags: [configFlag.replace('-file', '-path')] }, 'unknown-flag');
});

test('a copy beside the manifest', async () => {
  await finds({ files: { '/etc/kubernetes/manifests/kube-apiserver.yaml.bak': manifest({}) } }, 'second-manifest', 1);
  assert.deepEqual(
    await errorsOf({ files: { '/etc/kubernetes/manifests/.kube-apiserver.yaml.swp': manifest({}) } }),
    [],
  );
});

test('where the webhook must not be', async () => {
  const at = (server: string): Setup => ({ files: { [`${folder}/kc.yaml`]: kubeconfig(server) } });
  await finds(at('https://webhook.team.svc:443/x'), 'service-name');
  await finds(at('https://webhook.team.svc.cluster.local/x'), 'service-name');
  await finds(at('https://10.96.3.4:443/x'), 'webhook-in-cluster', 3);
  await finds(at('https://10.112.0.1:443/x'), 'ca-not-named');
  await finds(at('https://127.0.0.1:6443/x'), 'webhook-is-api-server');
  await finds(at('https://10.0.0.5:6443/x'), 'webhook-is-api-server');
  await finds(at('https://127.0.0.1:30080/x'), 'webhook-on-node-port');
  await finds(at('http://10.0.0.9/x'), 'server-plain-http');
  await finds(at('ftp://10.0.0.9/x'), 'server-invalid');
  const named = at('https://bouncer:1323/x');
  assert.equal((await look(named)).faults.find(({ id }) => id === 'service-name')?.severity, 'warning');
  const hosts = { ...named.files, '/etc/hosts': '127.0.0.1 localhost\n10.0.0.9\tbouncer # webhook\n' };
  assert.ok(!(await look({ files: hosts })).faults.some(({ id }) => id === 'service-name'));
  const aliases = { ...named, pod: '  hostAliases: [{ip: 10.0.0.9, hostnames: [bouncer]}]\n' };
  assert.ok(!(await look(aliases)).faults.some(({ id }) => id === 'service-name'));
});

test('a proxy on the way', async () => {
  const files = { [`${folder}/kc.yaml`]: kubeconfig('https://webhook.example.com/x') };
  const env = (none: string): string =>
    `    env: [{name: HTTPS_PROXY, value: "http://proxy:3128"}, {name: NO_PROXY, value: "${none}"}]\n`;
  await finds({ files, container: env('10.0.0.0/8') }, 'proxy-in-the-way');
  const { faults } = await look({ files, container: env('.example.com') });
  assert.ok(!faults.some(({ id }) => id === 'proxy-in-the-way'));
});

test('a manifest that runs something else, or cannot be read', async () => {
  const other = 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: x, image: y}]}\n';
  for (const text of [
    other,
    'kind: Pod\nspec: [',
    '{"kind": "Pod", "spec": {"containers": [null, 1, "x"]}}',
    'kind: Pod\n',
  ]) {
    const { faults } = await examine(createContext(), { host: memoryHost({}), apiServer: { path: '/m.yaml', text } });
    assert.equal(faults[0]?.severity, 'error', text);
  }
});
