import assert from 'node:assert/strict';
import test from 'node:test';
import {
  examine,
  memoryHost,
  openCluster,
  type ClusterQuestions,
  type Examination,
  type NamedFile,
} from '../../src/control-plane/index.js';
import { createContext } from '../../src/core/index.js';
import { makeAuthority } from '../support/certificates.js';
import { startServer } from '../support/http-server.js';
import { apiServerIsAbsent, findApiServer, startApiServer, type ApiServer } from '../support/kube-apiserver.js';
import { temporaryFolder } from '../support/paths.js';

const group = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

function kubeconfigOf(server: ApiServer, token: string): string {
  const ca = Buffer.from(server.ca).toString('base64');
  return `clusters: [{name: c, cluster: {server: "${server.url}", certificate-authority-data: ${ca}}}]
users: [{name: u, user: {token: ${token}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
}

const questions: ClusterQuestions = {
  allow: ['registry.example.com/app:1'],
  deny: ['evil.io/app:1'],
  namespace: 'default',
};

async function look(server: ApiServer, files: readonly NamedFile[], token = server.token): Promise<Examination> {
  const cluster = await openCluster(createContext(), {
    userAgent: 'tidewaiter/test',
    host: memoryHost({}),
    kubeconfig: { path: '/kubeconfig', text: kubeconfigOf(server, token) },
    environment: {},
  });
  try {
    return await examine(createContext(), {
      host: memoryHost({}),
      cluster,
      dryRun: questions,
      webhookConfigurations: files,
    });
  } finally {
    await cluster.close();
  }
}

const errors = ({ faults }: Examination): readonly string[] =>
  faults.filter(({ severity }) => severity === 'error').map(({ id }) => id);

test('a real API server proves its webhook by dry runs, and notices when it is gone', async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const authority = await makeAuthority();
  const { port, server: webhook } = await startServer(
    t,
    (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      request.on('end', () => {
        const uid = /"uid":"([^"]+)"/.exec(text)?.[1];
        const allowed = !text.includes('evil.io');
        const status = { code: 403, message: 'foreign registry' };
        const review = {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid, allowed, status },
        };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(review));
      });
    },
    await authority.issue({ names: ['localhost'] }),
  );
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'images' },
    webhooks: [
      {
        name: 'images.tidewaiter.dev',
        clientConfig: {
          url: `https://localhost:${port}/validate`,
          caBundle: Buffer.from(authority.pem).toString('base64'),
        },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['pods', 'pods/ephemeralcontainers'],
          },
        ],
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }],
        },
        sideEffects: 'NoneOnDryRun',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
  const file = { path: '/hooks.yaml', text: JSON.stringify(configuration) };
  const server = await startApiServer({ assets, folder: temporaryFolder(t), users: { nobody: ['devs'] } });
  try {
    assert.deepEqual([...errors(await look(server, [file]))].sort(), ['cluster-lacks', 'live-deny-allowed']);

    const made = await server.ask({ method: 'POST', path: group, body: configuration });
    assert.equal(made.status, 201, made.message);
    let good = await look(server, [file]);
    // It takes a moment until a new configuration holds.
    for (let times = 0; times < 50 && errors(good).length > 0; times++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      good = await look(server, [file]);
    }
    assert.deepEqual(errors(good), []);
    assert.deepEqual(good.unread, []);
    assert.deepEqual(
      good.proofs.map(({ verdict, reason }) => [verdict, reason]),
      [
        ['allowed', undefined],
        ['denied', 'foreign registry'],
      ],
    );

    const unknown = await look(server, [], 'nobody');
    assert.deepEqual([errors(unknown), unknown.unread.length], [[], 5]);

    webhook.closeAllConnections();
    webhook.close();
    assert.deepEqual(errors(await look(server, [file])), ['port-closed', 'port-closed']);

    await server.ask({
      method: 'PATCH',
      path: `${group}/images`,
      contentType: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }],
    });
    const changed = { ...configuration, webhooks: [{ ...configuration.webhooks[0], failurePolicy: 'Fail' }] };
    const found = await look(server, [{ path: '/hooks.yaml', text: JSON.stringify(changed) }]);
    assert.ok(found.faults.some(({ id }) => id === 'cluster-differs'));
  } finally {
    await server.close();
  }
  return undefined;
});
