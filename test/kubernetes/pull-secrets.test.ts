import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { asObject, asString, type JsonObject, type JsonValue } from '../../src/formats/index.js';
import { alpineFiles } from '../robustness/alpine-image.js';
import { notBuilt, program as builtProgram, tidewaiter } from '../robustness/program.js';
import { startAdmissionProgram, type AdmissionProgram } from '../support/admission-server.js';
import { buildImage } from '../support/image-builder.js';
import { apiServerIsAbsent, findApiServer, startApiServer, type ApiServer } from '../support/kube-apiserver.js';
import { findKubectl, runKubectl } from '../support/kubectl.js';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { startRegistry, type RegistryServer } from '../support/registry/index.js';

const program = process.env['TIDEWAITER_PROGRAM'] ?? builtProgram;
const skip = process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt;
const password = 'wonderful-password-1';

const policy = (host: string): string => `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: ours, registries: {allow: ["${host}"]}}
  - {name: scanned, scan: {maxAge: 1d}}
`;

interface Stage {
  readonly api: ApiServer;
  readonly registry: RegistryServer;
  readonly folder: string;
  /** Of our own service account, with the roles that admission init wrote. */
  readonly token: string;
}

test('private images are scanned with the pull secrets of pods, and with no others', { skip }, async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const registry = await startRegistry({ auth: { kind: 'bearer', users: { shop: password } } });
  t.after(() => registry.close());
  const image = buildImage({ layers: [{ items: alpineFiles }], compression: 'gzip' });
  for (const name of ['app', 'web', 'job', 'own', 'late', 'gone']) registry.addImage(`team/${name}`, '1', image);
  const folder = temporaryFolder(t);
  const api = await startApiServer({ assets, folder: join(folder, 'cluster'), serviceAccounts: true });
  let door: AdmissionProgram | undefined;
  try {
    for (const name of ['shop', 'other', 'silent']) {
      await create(api, '/api/v1/namespaces', { metadata: { name } });
      await create(api, `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
    }
    const stage = { api, registry, folder, token: await rightsOf(api, folder) };
    await t.test('what admission init writes is enough, and not more', () => rightsEnd(stage));
    await putSecrets(stage);
    writeFileSync(join(folder, 'reader.yaml'), kubeconfig(stage));
    door = await startAdmissionProgram({
      folder: temporaryFolder(t),
      policy: policy(registry.host),
      words: ['--pull-secrets', 'cluster', '--kubeconfig', join(folder, 'reader.yaml')].concat(
        ['--image-review-service-account', 'default'],
        ['--db', repoPath('dist', 'starter'), '--decision-timeout', '8s'],
      ),
    });
    await registerWebhook(stage, door);
    await judged(t, stage, door);
    for (const text of [door.said(), readFileSync(join(door.folder, 'decisions.jsonl'), 'utf8')]) {
      assert.ok(!text.includes(password) && !text.includes(stage.token), 'no secret is told');
      assert.ok(!text.includes(Buffer.from(`shop:${password}`).toString('base64')));
    }
  } finally {
    await door?.end();
    await api.close();
  }
});

async function judged(t: Parameters<typeof temporaryFolder>[0] & Tester, stage: Stage, door: AdmissionProgram) {
  const { api, registry } = stage;
  const image = (name: string): string => `${registry.host}/team/${name}:1`;

  await t.test('a pod with its secret is scanned, one without is told why not', async () => {
    const given = await podIn(api, 'shop', { image: image('app'), secrets: ['regcred'] });
    assert.equal(given.status, 201, given.message);
    const refused = await podIn(api, 'shop', { image: image('web'), account: 'poor' });
    assert.equal(refused.status, 403);
    assert.match(refused.message, /its tag cannot be looked up: .*no pull secret of the pod is for it/);
    const missing = await podIn(api, 'shop', { image: image('web'), secrets: ['nothing'] });
    assert.match(missing.message, /there is no secret shop\/nothing/);
    const opaque = await podIn(api, 'shop', { image: image('web'), secrets: ['opaque'] });
    assert.match(opaque.message, /shop\/opaque is passed over: its type is Opaque/);
    const broken = await podIn(api, 'shop', { image: image('web'), secrets: ['regcred', 'broken'] });
    assert.match(broken.message, /the kubelet would pull nothing because of the pull secret shop\/broken/);
    const wrong = await podIn(api, 'shop', { image: image('web'), secrets: ['wrong'] });
    assert.equal(wrong.status, 403);
    assert.match(wrong.message, /secret shop\/wrong/);
    const both = await podIn(api, 'shop', { image: image('web'), secrets: ['wrong', 'regcred'] });
    assert.equal(both.status, 201, both.message);
  });

  await t.test(
    'secrets of a service account: copied into pods by the API server, looked up for what makes pods',
    async () => {
      const copied = await podIn(api, 'shop', { image: image('job') });
      assert.equal(copied.status, 201, copied.message);
      const made = await deploymentIn(api, 'shop', { image: image('own') });
      assert.equal(made.status, 201, made.message);
      const poor = await deploymentIn(api, 'shop', { image: image('late'), account: 'poor' });
      assert.equal(poor.status, 403);
      assert.match(poor.message, /no pull secret of the pod is for it/);
      const nobody = await deploymentIn(api, 'shop', { image: image('late'), account: 'nobody' });
      assert.match(nobody.message, /there is no service account shop\/nobody/);
    },
  );

  await t.test('an ImageReview names none: those of the account that was told are used', async () => {
    const ask = async (namespace: string): Promise<JsonObject | undefined> => {
      const spec = { containers: [{ image: image('late') }], namespace };
      const body = JSON.stringify({ kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', spec });
      const answer = await door.ask({ path: '/image-policy?timeout=30s', body });
      return asObject(asObject(answer.body as JsonValue)?.['status']);
    };
    const silent = await ask('silent');
    assert.equal(silent?.['allowed'], false);
    assert.match(asString(silent?.['reason']) ?? '', /service account silent\/default may not be read \(forbidden\)/);
    assert.equal((await ask('shop'))?.['allowed'], true);
  });

  await t.test('another namespace has nothing of it, and where we may not read we say so', async () => {
    const other = await podIn(api, 'other', { image: image('app'), secrets: ['regcred'] });
    assert.equal(other.status, 403);
    assert.match(other.message, /there is no secret other\/regcred/);
    const silent = await podIn(api, 'silent', { image: image('app'), secrets: ['regcred'] });
    assert.equal(silent.status, 403);
    assert.match(silent.message, /the secret silent\/regcred may not be read \(forbidden\)/);
  });

  await t.test('a burst of pods asks once for each secret, and once for the image', async () => {
    const before = registry.accessLog.length;
    const burst = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        podIn(api, 'shop', { image: image('gone'), secrets: ['regcred'], name: `burst-${at}` }),
      ),
    );
    assert.deepEqual([...new Set(burst.map(({ status, message }) => `${status} ${message}`))], ['201 ']);
    const heads = registry.accessLog.slice(before).filter(({ path }) => path.includes('/manifests/1'));
    // Once to be told that a token is needed, once with it.
    assert.ok(heads.length <= 2, String(heads.length));
    const { text } = await door.ask({ path: '/metrics', method: 'GET' });
    const reads = Number(/pull_secret_reads_total\{result="read"\} ([0-9]+)/.exec(text)?.[1]);
    assert.ok(reads > 0 && reads < 20, text);
    assert.match(text, /pull_secret_reads_total\{result="forbidden"\} 2/);
  });

  await t.test('without the API server there is a decision, and its reason', async () => {
    await api.close();
    const pod = podOf({ image: image('app'), secrets: ['never-read'] });
    const request = {
      uid: 'a',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'shop',
      object: { apiVersion: 'v1', kind: 'Pod', ...pod },
    };
    const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
    const answer = await door.ask({ path: '/validate?timeout=10s', body });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /the secret shop\/never-read cannot be read: 127\.0\.0\.1:[0-9]+ refuses connections/);
  });
}

interface Tester {
  test(name: string, run: () => Promise<void>): Promise<void>;
}

/** Applies what admission init wrote of rights, and gives a token of the service account. */
async function rightsOf(api: ApiServer, folder: string): Promise<string> {
  writeFileSync(join(folder, 'policy.yaml'), policy('registry.example.com'));
  const out = join(folder, 'out');
  const words = ['--topology', 'in-cluster', '--image', 'registry.example.com/tidewaiter:1', '--pull-secrets'];
  const made = await tidewaiter(
    ['admission', 'init', '--out', out, '--policy', join(folder, 'policy.yaml'), ...words].concat(
      '--pull-secrets-namespaces',
      'shop,other',
    ),
    { program, env: { HOME: folder } },
  );
  assert.equal(made.exitCode, 0, made.stderr);
  const read = (name: string): readonly JsonObject[] =>
    parseAllDocuments(readFileSync(join(out, 'in-cluster', name), 'utf8')).map((document) => document.toJSON());
  for (const object of [...read('0-namespace.yaml'), ...read('3-serviceaccount.yaml')]) {
    await create(api, `${collectionOf(object)}?fieldValidation=Strict`, object);
  }
  const deployment: JsonObject = parse(readFileSync(join(out, 'in-cluster', '5-deployment.yaml'), 'utf8'));
  await create(api, `${collectionOf(deployment)}?fieldValidation=Strict&dryRun=All`, deployment);
  assert.match(JSON.stringify(deployment), /"automountServiceAccountToken":true.*"--pull-secrets=cluster"/);
  const answer = await api.ask({
    method: 'POST',
    path: '/api/v1/namespaces/tidewaiter/serviceaccounts/image-admission/token',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
  });
  assert.equal(answer.status, 201, answer.message);
  return asString(asObject(asObject(answer.body as JsonValue)?.['status'])?.['token']) ?? '';
}

async function rightsEnd({ api, token }: Stage): Promise<void> {
  const status = async (path: string, method: 'GET' | 'DELETE' = 'GET'): Promise<number> =>
    (await api.ask({ method, path: `/api/v1/${path}`, token })).status;
  assert.equal(await status('namespaces/shop/serviceaccounts/default'), 200);
  assert.equal(await status('namespaces/shop/secrets/none'), 404, 'it may be asked for');
  assert.equal(await status('namespaces/shop/secrets'), 403, 'none may be listed');
  assert.equal(await status('namespaces/shop/secrets?watch=true'), 403);
  assert.equal(await status('secrets'), 403);
  assert.equal(await status('namespaces/silent/secrets/none'), 403, 'another namespace');
  assert.equal(await status('namespaces/tidewaiter/secrets/image-admission'), 403, 'not even its own');
  assert.equal(await status('namespaces/shop/secrets/none', 'DELETE'), 403);
  assert.equal(await status('namespaces/shop/configmaps/none'), 403);
  assert.equal(await status('namespaces/shop/pods'), 403);
}

/** Secrets made by `secret create`, put there by kubectl where it is at hand. */
async function putSecrets({ api, registry, folder }: Stage): Promise<void> {
  const make = async (name: string, secret: string): Promise<void> => {
    const words = [
      'secret',
      'create',
      'docker-registry',
      name,
      '--namespace',
      'shop',
      '--docker-server',
      registry.host,
    ];
    const made = await tidewaiter([...words, '--docker-username', 'shop', '--docker-password', secret], {
      program,
      env: { HOME: folder },
    });
    assert.equal(made.exitCode, 0, made.stderr);
    await apply(api, folder, made.stdout);
  };
  await make('regcred', password);
  await make('wrong', 'another');
  const secret = (name: string, type: string, config: string): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'shop' },
    type,
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  });
  const own = JSON.stringify({
    auths: { [registry.host]: { auth: Buffer.from(`shop:${password}`).toString('base64') } },
  });
  await apply(api, folder, JSON.stringify(secret('opaque', 'Opaque', own)));
  const broken = secret('broken', 'kubernetes.io/dockerconfigjson', '{"auths": {"a.example": {"auth": "no colon"}}}');
  await apply(api, folder, JSON.stringify(broken));
  const account = { imagePullSecrets: [{ name: 'regcred' }] };
  const patched = await api.ask({
    method: 'PATCH',
    path: '/api/v1/namespaces/shop/serviceaccounts/default',
    contentType: 'application/merge-patch+json',
    body: account,
  });
  assert.equal(patched.status, 200, patched.message);
  await create(api, '/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'poor' } });
}

async function apply(api: ApiServer, folder: string, text: string): Promise<void> {
  const kubectl = findKubectl();
  if (kubectl === undefined) {
    await create(api, '/api/v1/namespaces/shop/secrets', parse(text));
    return;
  }
  writeFileSync(join(folder, 'object.yaml'), text);
  writeFileSync(join(folder, 'admin.yaml'), kubeconfig({ api, folder, token: api.token }));
  const words = ['--kubeconfig', join(folder, 'admin.yaml'), 'apply', '-f', join(folder, 'object.yaml')];
  const done = runKubectl(kubectl, words, folder);
  assert.equal(done.exitCode, 0, done.stderr);
}

function kubeconfig({ api, folder, token }: Pick<Stage, 'api' | 'folder' | 'token'>): string {
  writeFileSync(join(folder, 'api-ca.crt'), api.ca);
  writeFileSync(join(folder, 'token'), `${token}\n`);
  const user = token === api.token ? `token: ${token}` : 'tokenFile: token';
  return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${api.url}", certificate-authority: api-ca.crt}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
}

interface PodWanted {
  readonly image: string;
  readonly secrets?: readonly string[];
  readonly account?: string;
  readonly name?: string;
}

let made = 0;

function podOf({ image, secrets = [], account, name = `pod-${++made}` }: PodWanted): JsonObject {
  const spec = {
    containers: [{ name: 'main', image }],
    imagePullSecrets: secrets.map((secret) => ({ name: secret })),
    ...(account === undefined ? {} : { serviceAccountName: account }),
  };
  return { metadata: { name, labels: { app: 'x' } }, spec };
}

function podIn(api: ApiServer, namespace: string, wanted: PodWanted) {
  return api.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods?dryRun=All`, body: podOf(wanted) });
}

function deploymentIn(api: ApiServer, namespace: string, wanted: PodWanted) {
  const template = podOf(wanted);
  const spec = {
    selector: { matchLabels: { app: 'x' } },
    template: { ...template, metadata: { labels: { app: 'x' } } },
  };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All`;
  return api.ask({ method: 'POST', path, body: { metadata: { name: `made-${++made}` }, spec } });
}

async function create(api: ApiServer, path: string, body: object): Promise<void> {
  const answer = await api.ask({ method: 'POST', path, body });
  assert.equal(answer.status, 201, answer.message);
}

function collectionOf(object: JsonObject): string {
  const version = asString(object['apiVersion']) ?? '';
  const namespace = asString(asObject(object['metadata'])?.['namespace']);
  const within = namespace === undefined ? '' : `namespaces/${namespace}/`;
  return `/${version.includes('/') ? 'apis' : 'api'}/${version}/${within}${(asString(object['kind']) ?? '').toLowerCase()}s`;
}

async function registerWebhook({ api, registry }: Stage, { port, authority }: AdmissionProgram): Promise<void> {
  const operations = ['CREATE', 'UPDATE'];
  await create(api, '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'tidewaiter' },
    webhooks: [
      {
        name: 'images.tidewaiter.dev',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 10,
        clientConfig: {
          url: `https://127.0.0.1:${port}/validate`,
          caBundle: Buffer.from(authority.pem).toString('base64'),
        },
        rules: [
          { operations, apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
          { operations, apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
        ],
      },
    ],
  });
  // A new configuration takes a moment.
  for (let tries = 0; tries < 100; tries++) {
    const probe = await podIn(api, 'other', { image: 'evil.example/tools:1' });
    if (probe.status === 403) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`the webhook is not asked about ${registry.host}`);
}
