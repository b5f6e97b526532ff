import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { startServer } from '../../test/support/http-server.js';
import { createContext } from '../core/index.js';
import { openCluster, type Cluster } from './cluster.js';
import { ControlPlaneError } from './errors.js';
import type { Examination, NamedFile } from './examination.js';
import { examine } from './examine.js';
import { memoryHost } from './host.js';

type Answer = readonly [number, object | string];

const status = (code: number, message: string): Answer => [code, { kind: 'Status', apiVersion: 'v1', message }];
const empty: Answer = [200, { items: [] }];
const group = '/apis/admissionregistration.k8s.io/v1';
const file = { path: '/w/hooks.yaml', text: '' };

const webhook = {
  name: 'v.tidewaiter.dev',
  clientConfig: { service: { name: 'hook', namespace: 'hook', path: '/validate' }, caBundle: '' },
  rules: [
    {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['pods', 'pods/ephemeralcontainers'],
    },
  ],
  failurePolicy: 'Fail',
  sideEffects: 'NoneOnDryRun',
  admissionReviewVersions: ['v1'],
};
const stored = { metadata: { name: 'hooks', uid: 'u' }, webhooks: [{ ...webhook, timeoutSeconds: 10 }] };
const wanted = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'hooks' },
  webhooks: [webhook],
};

/** What doctor finds in a cluster whose API server gives these answers to a path, or to the image of a pod. */
async function look(
  t: TestContext,
  answers: Readonly<Record<string, Answer>>,
  files: readonly NamedFile[] = [],
): Promise<Examination & { readonly seen: readonly string[] }> {
  const authority = await makeAuthority();
  const asked: string[] = [];
  const { port } = await startServer(
    t,
    (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      request.on('end', () => {
        const { url = '', headers } = request;
        asked.push(`${request.method} ${url} ${headers.authorization ?? ''}`);
        const image = /"image":"([^"]*)"/.exec(text)?.[1];
        const [code, body] = answers[image ?? url.replace(/\?.*/, '')] ?? empty;
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    },
    await authority.issue({ names: ['localhost'] }),
  );
  const ca = Buffer.from(authority.pem).toString('base64');
  const text = `clusters: [{name: c, cluster: {server: "https://localhost:${port}", certificate-authority-data: ${ca}}}]
users: [{name: u, user: {token: abc}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
  const cluster = await openCluster(createContext(), {
    userAgent: 't',
    host: memoryHost({}),
    kubeconfig: { path: '/k', text },
    environment: {},
  });
  const dryRun = { allow: ['good/a'], deny: ['evil/b'], namespace: 'shop' };
  try {
    const found = await examine(createContext(), {
      host: memoryHost({}),
      cluster,
      dryRun,
      webhookConfigurations: files,
    });
    return { ...found, seen: asked };
  } finally {
    await cluster.close();
  }
}

const ids = ({ faults }: Examination): readonly string[] => faults.map(({ id }) => id);
const pod: Answer = [201, { kind: 'Pod', metadata: { name: 'x' } }];
const right = {
  'good/a': pod,
  'evil/b': status(403, 'pods "x" is forbidden: image policy webhook backend denied one or more images: foreign'),
};

test('dry runs prove the whole chain', async (t) => {
  const found = await look(t, right);
  assert.deepEqual(ids(found), []);
  assert.deepEqual(
    found.proofs.map(({ protocol, verdict, reason }) => [protocol, verdict, reason]),
    [
      ['dry run', 'allowed', undefined],
      ['dry run', 'denied', 'foreign'],
    ],
  );
  assert.ok(found.seen.includes('POST /api/v1/namespaces/shop/pods?dryRun=All Bearer abc'));
  for (const said of [
    'admission webhook "v.tidewaiter.dev" denied the request: foreign',
    `pods "x" is forbidden: ValidatingAdmissionPolicy 'a' with binding 'b' denied request: foreign`,
  ]) {
    assert.deepEqual(ids(await look(t, { ...right, 'evil/b': status(403, said) })), [], said);
  }
});

test('what a dry run finds', async (t) => {
  assert.deepEqual(ids(await look(t, { ...right, 'evil/b': pod })), ['live-deny-allowed']);
  assert.deepEqual(ids(await look(t, { ...right, 'good/a': right['evil/b'] })), ['live-allow-denied']);
  const refused =
    'Internal error occurred: failed calling webhook "v": failed to call webhook: Post "https://hook.hook.svc:443/validate?timeout=10s": dial tcp 10.0.0.7:443: connect: connection refused';
  assert.deepEqual(ids(await look(t, { ...right, 'good/a': status(500, refused) })), ['port-closed']);
});

test('another refusal, an answer that is none, and no answer are no verdict', async (t) => {
  for (const answer of [
    status(403, 'pods is forbidden: User "u" cannot create resource "pods"'),
    status(403, 'pods "x" is forbidden: violates PodSecurity "restricted:latest"'),
    status(404, 'namespaces "shop" not found'),
    [200, 'hello'] as const,
    [201, {}] as const,
  ]) {
    const { faults, unread, proofs } = await look(t, { ...right, 'evil/b': answer });
    assert.deepEqual([faults.length, unread.length], [0, 1], JSON.stringify(answer));
    assert.equal(proofs[1]?.verdict, undefined);
  }
  const denied = await look(t, { ...right, [`${group}/validatingwebhookconfigurations`]: status(403, 'may not list') });
  assert.deepEqual(
    denied.unread.map(({ reason }) => reason),
    ['may not list'],
  );
});

test('what a file says must be in the cluster', async (t) => {
  const there = { ...right, [`${group}/validatingwebhookconfigurations`]: [200, { items: [stored] }] as const };
  const named = [{ ...file, text: JSON.stringify(wanted) }];
  const compared = async (answers: Record<string, Answer>): Promise<readonly string[]> =>
    ids(await look(t, answers, named)).filter((id) => id.startsWith('cluster-'));
  assert.deepEqual(await compared(there), []);
  assert.deepEqual(await compared(right), ['cluster-lacks']);
  for (const change of [
    { failurePolicy: 'Ignore' },
    { rules: [] },
    { namespaceSelector: undefined, sideEffects: 'None' },
  ]) {
    const items = [{ ...stored, webhooks: [{ ...webhook, ...change }] }];
    assert.deepEqual(await compared({ ...there, [`${group}/validatingwebhookconfigurations`]: [200, { items }] }), [
      'cluster-differs',
    ]);
  }
});

test('webhooks and policies of the cluster are checked where they are', async (t) => {
  const items = [{ ...stored, webhooks: [{ ...webhook, failurePolicy: 'Ignore' }] }];
  const found = await look(t, {
    ...right,
    [`${group}/validatingwebhookconfigurations`]: [200, { items }],
    [`${group}/validatingadmissionpolicies`]: [
      200,
      { items: [{ metadata: { name: 'p' }, spec: { validations: [{ expression: 'true' }] } }] },
    ],
    [`${group}/validatingadmissionpolicybindings`]: status(404, 'no such resource'),
  });
  const placed = found.faults.map(({ id, file: at, line }) => [id, at?.replace(/^\S+ /, ''), line]);
  assert.deepEqual(
    placed.find(([id]) => id === 'failure-policy-ignore'),
    ['failure-policy-ignore', 'ValidatingWebhookConfiguration hooks', undefined],
  );
  assert.ok(placed.some(([id, at]) => id === 'policy-not-bound' && at === 'ValidatingAdmissionPolicy p'));
});

test('a kubeconfig that leads nowhere', async () => {
  const open = (text: string | undefined, environment: Readonly<Record<string, string>> = {}): Promise<Cluster> =>
    openCluster(createContext(), {
      userAgent: 't',
      host: memoryHost({}),
      kubeconfig: text === undefined ? undefined : { path: '/k', text },
      environment,
    });
  const users = 'users: [{name: u, user: {exec: {command: x}}}]\n';
  const rest = 'contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n';
  for (const text of [
    '',
    'kind: Config\n',
    `clusters: []\n${rest}`,
    `clusters: [{name: c, cluster: {server: "https://h:1"}}]\n${users}${rest}`,
    `clusters: [{name: c, cluster: {server: "https://h:1", certificate-authority: /nowhere}}]\n${rest}`,
    undefined,
  ]) {
    await assert.rejects(
      open(text, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }),
      (error) => error instanceof ControlPlaneError && error.code === 'NO_CLUSTER_ACCESS',
      text,
    );
  }
});
