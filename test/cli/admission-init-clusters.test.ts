import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { parse } from 'yaml';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';
import { temporaryFolder } from '../support/paths.js';

const skip = process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt;
const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: images}
rules:
- {name: trusted, registries: {allow: [registry.example.com]}}
`;
const own = 'etc/rancher/k3s/config.yaml.d/image-admission.yaml';

interface Place {
  readonly out: string;
  readonly root: string;
  readonly init: (...words: readonly string[]) => Promise<Ended>;
}

/** A machine with these files, by their paths below `/`. */
function place(t: TestContext, files: Readonly<Record<string, string>> = {}): Place {
  const folder = temporaryFolder(t);
  const [out, root] = [join(folder, 'out'), join(folder, 'root')];
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  writeFileSync(join(folder, 'policy.yaml'), policy);
  const program = process.env['TIDEWAITER_PROGRAM'];
  const options = { env: { HOME: folder }, cwd: folder, ...(program === undefined ? {} : { program }) };
  const init = async (...words: readonly string[]): Promise<Ended> =>
    await tidewaiter(['admission', 'init', '--out', out, '--policy', 'policy.yaml', ...words], options);
  return { out, root, init };
}

const applied = (root: string): readonly string[] => ['--flavour', 'k3s', '--apply', '--skip-check', '--root', root];

test('k3s: flags stand in a file of their own, and go with --rollback', { skip }, async (t) => {
  const { root, init } = place(t);
  const ended = await init(...applied(root));
  assert.equal(ended.exitCode, 0, ended.stderr);
  assert.deepEqual(parse(readFileSync(join(root, own), 'utf8')), {
    'kube-apiserver-arg+': [
      'enable-admission-plugins=NodeRestriction,ImagePolicyWebhook',
      'admission-control-config-file=/etc/rancher/k3s/image-admission/admission-configuration.yaml',
    ],
  });
  const back = await init('--rollback', '--root', root);
  assert.equal(back.exitCode, 0, back.stderr);
  assert.ok(!existsSync(join(root, own)));
  assert.match(back.stderr, /restart k3s/);
  // Nothing was there before, and no empty folder is left.
  assert.deepEqual(existsSync(root) ? readdirSync(root) : [], []);
});

test('k3s: plugins and the AdmissionConfiguration that are there are merged', { skip }, async (t) => {
  const security = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  path: pod-security.yaml
`;
  const files = {
    'etc/rancher/k3s/config.yaml': `write-kubeconfig-mode: "0644"
kube-apiserver-arg:
- --admission-control-config-file=/var/lib/rancher/k3s/server/psa.yaml
- enable-admission-plugins=NodeRestriction,EventRateLimit
`,
    'etc/rancher/k3s/config.yaml.d/10-more.yaml': 'kube-apiserver-arg+: enable-admission-plugins+=AlwaysPullImages\n',
    'etc/rancher/k3s/config.yaml.d/zz.yaml': 'kube-apiserver-arg+: [audit-log-path=/var/log/audit.log]\n',
    'etc/rancher/k3s/config.yaml.d/notes.txt': 'kube-apiserver-arg: [x]\n',
    'var/lib/rancher/k3s/server/psa.yaml': security,
    'etc/systemd/system/k3s.service': '[Service]\nExecStart=/usr/local/bin/k3s server\n',
  };
  const { out, root, init } = place(t, files);
  for (let run = 0; run < 2; run++) {
    const ended = await init(...applied(root));
    assert.equal(ended.exitCode, 0, ended.stderr);
    assert.equal(
      parse(readFileSync(join(root, own), 'utf8'))['kube-apiserver-arg+'][0],
      'enable-admission-plugins=NodeRestriction,EventRateLimit,AlwaysPullImages,ImagePolicyWebhook',
    );
    const { plugins } = parse(readFileSync(join(out, 'files/admission-configuration.yaml'), 'utf8'));
    assert.deepEqual(plugins[0], { name: 'PodSecurity', path: '/var/lib/rancher/k3s/server/pod-security.yaml' });
    assert.equal(plugins[1].name, 'ImagePolicyWebhook');
  }
  const back = await init('--rollback', '--root', root);
  assert.equal(back.exitCode, 0, back.stderr);
  for (const [name, text] of Object.entries(files)) assert.equal(readFileSync(join(root, name), 'utf8'), text);
});

test('k3s: what would take the place of our flags is refused, and nothing is written', { skip }, async (t) => {
  for (const [name, text] of [
    ['etc/rancher/k3s/config.yaml.d/later.yaml', 'kube-apiserver-arg: [audit-log-maxage=1]\n'],
    ['etc/rancher/k3s/config.yaml.d/later.yaml', 'kube-apiserver-arg+: [admission-control-config-file=/x.yaml]\n'],
    [
      'etc/systemd/system/k3s.service',
      "[Service]\nExecStart=/usr/local/bin/k3s server '--kube-apiserver-arg=audit-log-maxage=1'\n",
    ],
    ['etc/rancher/k3s/config.yaml', '- not\n- a mapping\n'],
    ['etc/rancher/k3s/config.yaml', 'a: [\n'],
    ['etc/rancher/k3s/config.yaml', 'a: 1\n---\nkube-apiserver-arg: [x]\n'],
  ] as const) {
    const { out, root, init } = place(t, { [name]: text });
    const ended = await init(...applied(root));
    assert.equal(ended.exitCode, 2, `${text}: ${ended.stderr}`);
    assert.match(ended.stderr, /result: error: NOT_EDITABLE/);
    assert.ok(!existsSync(out) && !existsSync(join(root, own)));
  }
});

test('kind: a patch of each version of kubeadm’s configuration, because another one is passed over', {
  skip,
}, async (t) => {
  const { out, init } = place(t);
  const image = ['--topology', 'static-pod', '--image', 'registry.example.com/tidewaiter:1'];
  const ended = await init('--flavour', 'kind', ...image);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const { nodes } = parse(readFileSync(join(out, 'kind-cluster.yaml'), 'utf8'));
  const patches = nodes[0].kubeadmConfigPatches.map((text: string) => parse(text));
  assert.deepEqual(
    patches.map((one: { apiVersion: string }) => one.apiVersion),
    ['kubeadm.k8s.io/v1beta4', 'kubeadm.k8s.io/v1beta3'],
  );
  const [list, mapping] = patches.map((one: { apiServer: { extraArgs: unknown } }) => one.apiServer.extraArgs);
  assert.deepEqual(
    Object.fromEntries(list.map((one: { name: string; value: string }) => [one.name, one.value])),
    mapping,
  );
  assert.equal(mapping['enable-admission-plugins'], 'NodeRestriction,ImagePolicyWebhook');
});

test('static manifests: files with names of their own, and an API server that reads them', { skip }, async (t) => {
  const { out, init } = place(t);
  const ended = await init('--emit', 'static-manifests', '--form', 'both');
  assert.equal(ended.exitCode, 0, ended.stderr);
  const read = (name: string): string => readFileSync(join(out, 'files', name), 'utf8');
  const { plugins } = parse(read('admission-configuration.yaml'));
  assert.deepEqual(
    plugins.map((one: { name: string }) => one.name),
    ['ImagePolicyWebhook', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionWebhook'],
  );
  assert.match(read('policies/validating-admission-policy.yaml'), /name: images\.images\.static\.k8s\.io/);
  assert.match(read('webhooks/validating-webhook.yaml'), /url: https:\/\/127\.0\.0\.1:8443\/validate/);
  assert.ok(!existsSync(join(out, 'validating-webhook.yaml')));
  const { apiServer } = parse(readFileSync(join(out, 'kubeadm-config.v1beta3.patch.yaml'), 'utf8'));
  assert.equal(apiServer.extraArgs['feature-gates'], 'ManifestBasedAdmissionControlConfig=true');

  const image = ['--topology', 'in-cluster', '--image', 'registry.example.com/tidewaiter:1'];
  const refused = await init('--emit', 'static-manifests', ...image);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /SETUP_INCOMPLETE/);
});

test('static manifests: what the API server is told already stays', { skip }, async (t) => {
  const manifest = `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    command: [kube-apiserver, --feature-gates=A=true, --admission-control-config-file=/etc/kubernetes/pki/a.yaml]
    volumeMounts: [{mountPath: /etc/kubernetes/pki, name: pki, readOnly: true}]
  volumes: [{hostPath: {path: /etc/kubernetes/pki}, name: pki}]
`;
  const before = (settings: string): string => `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ValidatingAdmissionWebhook
  configuration: {apiVersion: apiserver.config.k8s.io/v1, kind: WebhookAdmissionConfiguration, ${settings}}
`;
  const names = ['etc/kubernetes/manifests/kube-apiserver.yaml', 'etc/kubernetes/pki/a.yaml'] as const;
  const words = ['--emit', 'static-manifests', '--form', 'validating', '--apply', '--skip-check'];
  const good = place(t, { [names[0]]: manifest, [names[1]]: before('kubeConfigFile: /etc/kubernetes/pki/k.yaml') });
  const ended = await good.init(...words, '--root', good.root);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const { command } = parse(readFileSync(join(good.root, names[0]), 'utf8')).spec.containers[0];
  assert.deepEqual(command.slice(1), [
    '--feature-gates=A=true,ManifestBasedAdmissionControlConfig=true',
    '--admission-control-config-file=/etc/kubernetes/pki/image-admission/admission-configuration.yaml',
  ]);
  const { plugins } = parse(readFileSync(join(good.out, 'files/admission-configuration.yaml'), 'utf8'));
  const webhooks = plugins.find((one: { name: string }) => one.name === 'ValidatingAdmissionWebhook');
  assert.deepEqual(webhooks.configuration, {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    kubeConfigFile: '/etc/kubernetes/pki/k.yaml',
    staticManifestsDir: '/etc/kubernetes/pki/image-admission/webhooks',
  });
  assert.ok(existsSync(join(good.root, 'etc/kubernetes/pki/image-admission/webhooks/validating-webhook.yaml')));

  const program = process.env['TIDEWAITER_PROGRAM'];
  mkdirSync(join(good.root, 'etc/kubernetes/pki'), { recursive: true });
  writeFileSync(join(good.root, 'etc/kubernetes/pki/k.yaml'), 'apiVersion: v1\nkind: Config\nusers: []\n');
  const doctor = await tidewaiter(
    ['admission', 'doctor', '--root', good.root, '--offline', '--files-only', '--format', 'json'],
    { env: { HOME: good.out }, ...(program === undefined ? {} : { program }) },
  );
  assert.doesNotMatch(doctor.stdout, /static-manifest|admission-configuration|staticManifestsDir/, doctor.stdout);

  const other = place(t, { [names[0]]: manifest, [names[1]]: before('staticManifestsDir: /elsewhere') });
  const refused = await other.init(...words, '--root', other.root);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /NOT_EDITABLE/);
});

test('what runs in the cluster is what we tell others to run', { skip }, async (t) => {
  const { out, init } = place(t);
  const image = `registry.example.com/tidewaiter@sha256:${'a'.repeat(64)}`;
  const ended = await init('--topology', 'in-cluster', '--image', image);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const deployment = join(out, 'in-cluster/5-deployment.yaml');
  const program = process.env['TIDEWAITER_PROGRAM'];
  const options = { env: { HOME: out }, ...(program === undefined ? {} : { program }) };
  const judged = await tidewaiter(
    ['manifest', '--min-level', 'restricted', '--fail-on', 'MEDIUM', deployment],
    options,
  );
  assert.equal(judged.exitCode, 0, judged.stdout);
  const scored = await tidewaiter(['kubesec', 'scan', deployment], options);
  assert.equal(scored.exitCode, 0, scored.stdout);
  const [{ score, valid, scoring }] = JSON.parse(scored.stdout);
  assert.ok(valid && score >= 14, `score ${score}`);
  assert.equal(scoring.critical, undefined);
});

test('several nodes: the folder that is carried over applies there, with its own way back', { skip }, async (t) => {
  const { out, root, init } = place(t);
  const first = await init(...applied(root));
  assert.equal(first.exitCode, 0, first.stderr);
  const other = place(t);
  cpSync(out, other.out, { recursive: true });
  // Of another machine, whose name it bears.
  renameSync(
    join(other.out, 'backup', readdirSync(join(other.out, 'backup'))[0] ?? ''),
    join(other.out, 'backup/first'),
  );
  const second = await other.init(...applied(other.root));
  assert.equal(second.exitCode, 0, second.stderr);
  for (const name of ['ca.crt', 'server.crt', 'server.key', 'apiserver-client.key', 'kubeconfig.yaml']) {
    const path = join('etc/rancher/k3s/image-admission', name);
    assert.equal(readFileSync(join(other.root, path), 'utf8'), readFileSync(join(root, path), 'utf8'), name);
  }
  const back = await other.init('--rollback');
  assert.equal(back.exitCode, 0, back.stderr);
  assert.ok(!existsSync(join(other.root, own)) && existsSync(join(root, own)));
});

test('another image policy webhook is told of before it is replaced; the older form is written where it is asked for', {
  skip,
}, async (t) => {
  const files = {
    'etc/rancher/k3s/config.yaml': 'kube-apiserver-arg: [admission-control-config-file=/etc/old.json]\n',
    'etc/old.json': '{"imagePolicy": {"kubeConfigFile": "/etc/theirs.conf"}}',
  };
  const { out, root, init } = place(t, files);
  const first = await init(...applied(root), '--emit', 'legacy-json');
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(first.stderr, /theirs\.conf/);
  const { imagePolicy } = JSON.parse(readFileSync(join(out, 'files/image-policy.json'), 'utf8'));
  assert.equal(imagePolicy.kubeConfigFile, '/etc/rancher/k3s/image-admission/kubeconfig.yaml');
  assert.equal(imagePolicy.defaultAllow, false);
  assert.equal((await init('--emit', 'nothing')).exitCode, 2);
});

test('the unit is one that systemd takes, every line of it', { skip }, async (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('there is no systemd-analyze');
  const { out, init } = place(t);
  const ended = await init('--program', '/bin/true');
  assert.equal(ended.exitCode, 0, ended.stderr);
  const words = ['verify', '--man=no', join(out, 'image-admission.service')];
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(`${stdout}${stderr}`, /image-admission\.service:\d+/);
});
