import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { asObject, asString, type JsonObject } from '../../src/formats/index.js';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';
import { temporaryFolder } from '../support/paths.js';

const skip = process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt;

const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: images}
rules:
- {name: trusted, registries: {allow: [registry.example.com]}}
`;

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    image: registry.k8s.io/kube-apiserver:v1.36.1
    command:
    - kube-apiserver
    - --advertise-address=10.0.0.1
    # as kubeadm wrote it
    - --enable-admission-plugins=NodeRestriction
    - --secure-port=6443
    - --audit-policy-file=/etc/kubernetes/pki/audit.yaml
    - --audit-log-path=-
    volumeMounts:
    - {mountPath: /etc/kubernetes/pki, name: k8s-certs, readOnly: true}
  hostNetwork: true
  volumes:
  - {hostPath: {path: /etc/kubernetes/pki, type: DirectoryOrCreate}, name: k8s-certs}
`;

interface Place {
  readonly folder: string;
  readonly out: string;
  readonly root: string;
  readonly init: (...words: readonly string[]) => Promise<Ended>;
}

/** A folder with a policy, and a node with an API server of kubeadm. */
function place(t: TestContext, text = manifest): Place {
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  const manifests = join(root, 'etc/kubernetes/manifests');
  mkdirSync(manifests, { recursive: true });
  mkdirSync(join(root, 'etc/kubernetes/pki'), { recursive: true });
  writeFileSync(
    join(root, 'etc/kubernetes/pki/audit.yaml'),
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
  );
  writeFileSync(join(manifests, 'kube-apiserver.yaml'), text, { mode: 0o600 });
  writeFileSync(join(folder, 'policy.yaml'), policy);
  const out = join(folder, 'out');
  const program = process.env['TIDEWAITER_PROGRAM'];
  const options = { env: { HOME: folder }, cwd: folder, ...(program === undefined ? {} : { program }) };
  return {
    folder,
    out,
    root,
    init: async (...words) =>
      await tidewaiter(['admission', 'init', '--out', out, '--policy', 'policy.yaml', ...words], options),
  };
}

function read(...path: readonly string[]): string {
  return readFileSync(join(...path), 'utf8');
}

test('certificates hold before openssl, keys are their owner’s, and a second run keeps them', { skip }, async (t) => {
  const { out, init } = place(t);
  const first = await init('--names', 'admission.example.com,10.1.2.3');
  assert.equal(first.exitCode, 0, first.stderr);
  const files = join(out, 'files');
  for (const key of ['ca.key', 'files/server.key', 'files/apiserver-client.key']) {
    assert.equal(statSync(join(out, key)).mode & 0o777, 0o600, key);
  }
  const server = new X509Certificate(read(files, 'server.crt'));
  for (const name of ['localhost', 'admission.example.com']) assert.ok(server.checkHost(name), name);
  for (const address of ['127.0.0.1', '::1', '10.1.2.3']) assert.ok(server.checkIP(address), address);
  assert.ok(!server.checkHost('other.example.com'));
  if (spawnSync('openssl', ['version']).status === 0) {
    for (const [purpose, name] of [
      ['sslserver', 'server'],
      ['sslclient', 'apiserver-client'],
    ] as const) {
      const words = [
        'verify',
        '-x509_strict',
        '-purpose',
        purpose,
        '-CAfile',
        join(files, 'ca.crt'),
        join(files, `${name}.crt`),
      ];
      const { stdout, stderr, status } = spawnSync('openssl', words, { encoding: 'utf8' });
      assert.equal(status, 0, stdout + stderr);
    }
  }
  const before = new Map(everyFile(out).map((name) => [name, read(out, name)]));
  const second = await init('--names', 'admission.example.com,10.1.2.3');
  assert.equal(second.exitCode, 0, second.stderr);
  assert.deepEqual(new Map(everyFile(out).map((name) => [name, read(out, name)])), before);
  assert.ok(second.stdout.split('\n').every((line) => line === '' || line.startsWith('unchanged')));

  const renamed = await init('--names', 'else.example.com');
  assert.equal(renamed.exitCode, 0, renamed.stderr);
  assert.ok(new X509Certificate(read(files, 'server.crt')).checkHost('else.example.com'));
  assert.equal(read(files, 'server.key'), before.get('files/server.key'));
  assert.equal(read(files, 'ca.crt'), before.get('files/ca.crt'));

  const forced = await init('--force');
  assert.equal(forced.exitCode, 0, forced.stderr);
  assert.notEqual(read(out, 'ca.key'), before.get('ca.key'));
});

test('without the key of the authority nothing new is signed, and nothing overwritten', { skip }, async (t) => {
  const { out, init } = place(t);
  await init();
  const before = new Map(everyFile(out).map((name) => [name, read(out, name)]));
  rmSync(join(out, 'ca.key'));
  before.delete('ca.key');
  const same = await init();
  assert.equal(same.exitCode, 0, same.stderr);
  const ended = await init('--names', 'new.example.com');
  assert.equal(ended.exitCode, 2);
  assert.match(ended.stderr, /result: error: SETUP_INCOMPLETE/);
  rmSync(join(out, 'files/ca.crt'));
  before.delete('files/ca.crt');
  assert.match((await init()).stderr, /result: error: OUTPUT_NOT_WRITABLE/);
  assert.deepEqual(new Map(everyFile(out).map((name) => [name, read(out, name)])), before);
});

test('what is applied is what doctor finds nothing in, and rolls back to what was', { skip }, async (t) => {
  const { out, root, init, folder } = place(t);
  const waiting = await init('--apply', '--root', root, '--port', '1');
  assert.equal(waiting.exitCode, 3, waiting.stderr);
  const path = join(root, 'etc/kubernetes/manifests/kube-apiserver.yaml');
  assert.equal(readFileSync(path, 'utf8'), manifest);
  assert.ok(existsSync(join(root, 'etc/kubernetes/pki/image-admission/server.key')));

  const applied = await init('--apply', '--root', root, '--skip-check');
  assert.equal(applied.exitCode, 0, applied.stderr);
  const edited = readFileSync(path, 'utf8');
  const { containers } = parse(edited).spec;
  assert.deepEqual(
    containers[0].command.filter((word: string) => word.includes('admission')),
    [
      '--enable-admission-plugins=NodeRestriction,ImagePolicyWebhook',
      '--admission-control-config-file=/etc/kubernetes/pki/image-admission/admission-configuration.yaml',
    ],
  );
  assert.ok(edited.includes('# as kubeadm wrote it'));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(root, 'etc/kubernetes/manifests')), ['kube-apiserver.yaml']);

  const program = process.env['TIDEWAITER_PROGRAM'];
  const doctor = await tidewaiter(
    [
      'admission',
      'doctor',
      '--root',
      root,
      '--offline',
      '--format',
      'json',
      '--server-cert',
      join(out, 'files/server.crt'),
      '--server-key',
      join(out, 'files/server.key'),
    ],
    { env: { HOME: folder }, ...(program === undefined ? {} : { program }) },
  );
  assert.equal(doctor.exitCode, 0, doctor.stdout + doctor.stderr);
  assert.deepEqual(JSON.parse(doctor.stdout).faults ?? JSON.parse(doctor.stdout).findings, [], doctor.stdout);

  const again = await init('--apply', '--root', root, '--skip-check');
  assert.equal(again.exitCode, 0, again.stderr);
  assert.equal(readFileSync(path, 'utf8'), edited);

  const back = await init('--rollback');
  assert.equal(back.exitCode, 0, back.stderr);
  assert.equal(readFileSync(path, 'utf8'), manifest);
  assert.ok(!existsSync(join(root, 'etc/systemd/system/image-admission.service')));
  const nothing = await init('--rollback');
  assert.equal(nothing.exitCode, 2);
  assert.match(nothing.stderr, /NOTHING_APPLIED/);
});

test('an AdmissionConfiguration that is there is merged, and a folder that is not mounted is', { skip }, async (t) => {
  const text = manifest
    .replace(
      '    - --secure-port',
      '    - --admission-control-config-file=/etc/kubernetes/pki/admission.yaml\n    - --secure-port',
    )
    .replace(
      'plugins=NodeRestriction',
      'plugins=NodeRestriction,EventRateLimit\n    - --enable_admission_plugins=AlwaysPullImages',
    );
  const { out, root, init } = place(t, text);
  const before = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  path: limits.yaml
- name: ImagePolicyWebhook
  path: /somewhere/else.yaml
`;
  writeFileSync(join(root, 'etc/kubernetes/pki/admission.yaml'), before);
  const words = ['--config-dir', '/etc/kubernetes/image-admission', '--root', root, '--apply', '--skip-check'];
  const ended = await init(...words);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const merged = parse(read(out, 'files/admission-configuration.yaml'));
  assert.deepEqual(merged.plugins[0], { name: 'EventRateLimit', path: '/etc/kubernetes/pki/limits.yaml' });
  assert.equal(merged.plugins.length, 2);
  assert.equal(merged.plugins[1].configuration.imagePolicy.defaultAllow, false);
  const { spec } = parse(readFileSync(join(root, 'etc/kubernetes/manifests/kube-apiserver.yaml'), 'utf8'));
  const own = spec.containers[0].command.filter((word: string) => /admission/.test(word));
  assert.deepEqual(own, [
    '--enable-admission-plugins=NodeRestriction,EventRateLimit,AlwaysPullImages,ImagePolicyWebhook',
    '--admission-control-config-file=/etc/kubernetes/image-admission/admission-configuration.yaml',
  ]);
  assert.deepEqual(spec.containers[0].volumeMounts.at(-1), {
    name: 'image-admission',
    mountPath: '/etc/kubernetes/image-admission',
    readOnly: true,
  });
  assert.equal(spec.volumes.at(-1).hostPath.path, '/etc/kubernetes/image-admission');

  const again = await init(...words);
  assert.equal(again.exitCode, 0, again.stderr);
  assert.deepEqual(parse(read(out, 'files/admission-configuration.yaml')), merged);
});

test('set-ups that would lock the cluster out are refused, and nothing is written', { skip }, async (t) => {
  const { out, init } = place(t);
  const image = ['--topology', 'in-cluster', '--image', 'registry.example.com/tidewaiter:1'];
  for (const [words, code] of [
    [[...image, '--form', 'image-policy'], 'SELF_BLOCKING'],
    [[...image, '--form', 'both', '--service-ip', '10.96.0.77'], 'SELF_BLOCKING'],
    [[...image, '--form', 'both', '--default-allow'], 'SETUP_INCOMPLETE'],
    [[...image, '--exclude-namespaces', 'other'], 'SELF_BLOCKING'],
    [['--exclude-namespaces', 'other'], 'SELF_BLOCKING'],
    [['--topology', 'static-pod'], 'SETUP_INCOMPLETE'],
    [['--config-dir', 'relative'], 'SETUP_INCOMPLETE'],
    [['--config-dir', '/a b\nExecStart=/bin/sh'], 'SETUP_INCOMPLETE'],
    [['--config-dir', '/etc/../x'], 'SETUP_INCOMPLETE'],
    [['--port', '6443'], 'SETUP_INCOMPLETE'],
    [['--port', '31000'], 'SETUP_INCOMPLETE'],
    [['--names', 'a b'], 'INVALID_VALUE'],
    [['--program', '/bin/sh -c x'], 'INVALID_VALUE'],
    [['--namespace', 'x y'], 'INVALID_VALUE'],
    [[...image, '--apply'], 'CONFLICT'],
  ] as const) {
    const ended = await init(...words);
    assert.equal(ended.exitCode, 2, `${words.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, new RegExp(`result: error: ${code}`), words.join(' '));
    assert.ok(!existsSync(out), words.join(' '));
  }
});

test('what runs in a cluster is restricted, leaves itself out, and passes doctor', { skip }, async (t) => {
  const { out, init, folder } = place(t);
  const ended = await init('--topology', 'in-cluster', '--image', 'registry.example.com/tidewaiter:1');
  assert.equal(ended.exitCode, 0, ended.stderr);
  const files = readdirSync(join(out, 'in-cluster')).sort();
  assert.equal(files[0], '0-namespace.yaml');
  assert.equal(statSync(join(out, 'in-cluster', '1-secret.yaml')).mode & 0o777, 0o600);
  const objects = files.flatMap((name) => parseAllDocuments(read(out, 'in-cluster', name)).map((one) => one.toJS()));
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    [
      'Namespace',
      'Secret',
      'ConfigMap',
      'ServiceAccount',
      'Service',
      'Deployment',
      'PodDisruptionBudget',
      'NetworkPolicy',
    ],
  );
  const program = process.env['TIDEWAITER_PROGRAM'];
  const options = { env: { HOME: folder }, ...(program === undefined ? {} : { program }) };
  const doctor = await tidewaiter(
    [
      'admission',
      'doctor',
      '--files-only',
      '--format',
      'json',
      '--webhook-config',
      join(out, 'validating-webhook.yaml'),
    ],
    options,
  );
  assert.equal(doctor.exitCode, 0, doctor.stdout + doctor.stderr);
  const judged = await tidewaiter(
    ['manifest', '--min-level', 'restricted', join(out, 'in-cluster', '5-deployment.yaml')],
    options,
  );
  assert.equal(judged.exitCode, 0, judged.stdout + judged.stderr);
});

function everyFile(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

test('pull secrets: roles of single namespaces, or of all where that is asked for; a token only then', {
  skip,
}, async (t) => {
  const { out, init } = place(t);
  const words = ['--topology', 'in-cluster', '--image', 'registry.example.com/tidewaiter:1'];
  const objects = (): readonly JsonObject[] =>
    readdirSync(join(out, 'in-cluster'))
      .sort()
      .flatMap((name) => parseAllDocuments(readFileSync(join(out, 'in-cluster', name), 'utf8')))
      .map((document) => document.toJSON());
  const rights = (): readonly string[] =>
    objects()
      .filter(({ kind }) => asString(kind)?.includes('Role'))
      .map(({ kind, metadata }) => `${asString(kind)} ${asString(asObject(metadata)?.['namespace']) ?? '*'}`);
  const mounts = (): boolean =>
    /automountServiceAccountToken: true/.test(readFileSync(join(out, 'in-cluster', '5-deployment.yaml'), 'utf8'));

  assert.equal((await init(...words)).exitCode, 0);
  assert.deepEqual([rights(), mounts()], [[], false]);
  const named = await init(...words, '--pull-secrets', '--pull-secrets-namespaces', 'shop,team');
  assert.equal(named.exitCode, 0, named.stderr);
  assert.deepEqual(rights(), ['Role shop', 'RoleBinding shop', 'Role team', 'RoleBinding team']);
  assert.ok(mounts());
  for (const { rules } of objects().filter(({ kind }) => kind === 'Role')) {
    assert.deepEqual(rules, [{ apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: ['get'] }]);
  }
  assert.match(readFileSync(join(out, 'README.md'), 'utf8'), /## Pull secrets/);
  const images = ['--form', 'both', '--default-allow', '--service-ip', '10.96.0.99'];
  const both = await init(...words, ...images, '--pull-secrets', '--pull-secrets-namespaces', 'shop');
  assert.equal(both.exitCode, 0, both.stderr);
  const deployment = readFileSync(join(out, 'in-cluster', '5-deployment.yaml'), 'utf8');
  assert.match(deployment, /- --pull-secrets=cluster\n +- --image-review-service-account=default/);
  const all = await init(...words, '--pull-secrets', '--pull-secrets-namespaces', '*');
  assert.equal(all.exitCode, 0, all.stderr);
  assert.deepEqual(rights(), ['ClusterRole *', 'ClusterRoleBinding *']);
  assert.match(readFileSync(join(out, 'README.md'), 'utf8'), /every secret of the cluster/);

  for (const [wrong, code] of [
    [[...words, '--pull-secrets'], 'CONFLICT'],
    [[...words, '--pull-secrets-namespaces', 'shop'], 'CONFLICT'],
    [[...words, '--pull-secrets', '--pull-secrets-namespaces', 'Shop'], 'INVALID_VALUE'],
    [[...words, '--pull-secrets', '--pull-secrets-namespaces', 'shop', '--no-scan'], 'SETUP_INCOMPLETE'],
    [['--topology', 'systemd', '--pull-secrets', '--pull-secrets-namespaces', 'shop'], 'SETUP_INCOMPLETE'],
  ] as const) {
    const refused = await init(...wrong);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, new RegExp(code));
  }
});
