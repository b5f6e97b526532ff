import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import {
  examine,
  explainLog,
  openHost,
  proveLive,
  type Examination,
  type FaultId,
  type NamedFile,
} from '../../src/control-plane/index.js';
import { createContext } from '../../src/core/index.js';
import { makeAuthority, type IssuedCertificate } from '../support/certificates.js';
import { apiServerIsAbsent, findApiServer, startApiServer, type ApiServer } from '../support/kube-apiserver.js';
import { freePort } from '../support/free-port.js';
import { temporaryFolder } from '../support/paths.js';

const goodImage = 'registry.example.com/app:1';
const badImage = 'docker.io/evil/app:1';

/** One webhook on a port that stays, behind which anything may stand. */
class Place {
  #server: Server | undefined;

  constructor(readonly port: number) {}

  async put(listener: RequestListener | undefined, tls?: ServerOptions): Promise<void> {
    await this.clear();
    if (listener === undefined) return;
    const server = tls === undefined ? createHttpServer(listener) : createTlsServer(tls, listener);
    this.#server = server;
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
  }

  async clear(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text;
}

/** Answers both protocols: images of `registry.example.com` may run. */
const judge: RequestListener = (request, response) => {
  void answer(request, response);
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await bodyOf(request);
  const allowed = !text.includes('evil');
  const reason = 'the registry is not allowed';
  const uid = /"uid":"([^"]+)"/.exec(text)?.[1];
  const review = text.includes('"ImageReview"')
    ? { apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview', status: { allowed, reason } }
    : {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid, allowed, status: { code: 403, message: reason } },
      };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(review));
}

const answers =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  };

interface Case {
  readonly name: string;
  readonly listener?: RequestListener;
  readonly tls?: ServerOptions;
  /** What the doctor finds. */
  readonly fault: FaultId;
  /** What the words mean that the user sees. */
  readonly words?: FaultId;
}

let count = 0;

/**
 * What a user hears who makes a pod. A connection that was kept to a webhook which is no more breaks off once, whatever
 * stands there now.
 */
async function makePod(server: ApiServer, image: string, namespace = 'default'): Promise<string> {
  const said = await tryPod(server, image, namespace);
  return said.endsWith(': EOF') ? await tryPod(server, image, namespace) : said;
}

async function tryPod(server: ApiServer, image: string, namespace: string): Promise<string> {
  const name = `probe-${++count}`;
  const spec = { containers: [{ name: 'c', image: `${image}-${count}` }] };
  const made = await server.ask({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec },
  });
  return made.status === 201 ? 'admitted' : made.message;
}

const policyFile = (folder: string): string => `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ImagePolicyWebhook
  configuration:
    imagePolicy:
      kubeConfigFile: ${folder}/webhook/kubeconfig.yaml
      allowTTL: -1
      denyTTL: -1
      retryBackoff: -1
      defaultAllow: false
`;

const kubeconfigFile = (port: number): string => `apiVersion: v1
kind: Config
clusters: [{name: w, cluster: {server: "https://localhost:${port}/image-policy", certificate-authority: ca.crt}}]
users: [{name: a, user: {client-certificate: client.crt, client-key: client.key}}]
contexts: [{name: c, context: {cluster: w, user: a}}]
current-context: c
`;

test('reviews of a real API server fail as the doctor says', async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const folder = temporaryFolder(t);
  const [authority, foreign] = [await makeAuthority(), await makeAuthority()];
  const client = await authority.issue({ names: [], client: true, commonName: 'kube-apiserver' });
  const serving = await authority.issue({ names: ['localhost'] });
  const place = new Place(await freePort());
  t.after(() => place.clear());
  const files = {
    'ac.yaml': policyFile(folder),
    'webhook/kubeconfig.yaml': kubeconfigFile(place.port),
    'webhook/ca.crt': authority.pem,
    'webhook/client.crt': client.cert,
    'webhook/client.key': client.key,
  };
  await place.put(judge, serving);
  const flags = ['--enable-admission-plugins=ImagePolicyWebhook', `--admission-control-config-file=${folder}/ac.yaml`];
  const server = await startApiServer({ assets, folder, files, flags });
  t.after(() => server.close());
  const commandLine = `/kube-apiserver ${flags.join(' ')} --audit-policy-file=x\n`;
  const look = (webhookConfigurations: readonly NamedFile[] = []): Promise<Examination> =>
    examine(createContext(), {
      host: openHost('/'),
      ...(webhookConfigurations.length > 0 ? { filesOnly: false } : {}),
      ...(webhookConfigurations.length > 0 ? {} : { apiServer: { path: join(folder, 'command'), text: commandLine } }),
      webhookConfigurations,
      connect: true,
      prove: (target, faults) =>
        proveLive(
          createContext(),
          target,
          { userAgent: 'test', allow: [goodImage], deny: [badImage], namespace: 'default' },
          faults,
        ),
    });
  const issue = (options: Parameters<typeof authority.issue>[0]): Promise<IssuedCertificate> =>
    authority.issue(options);

  await t.test('what is right works', async () => {
    const { faults, proofs } = await look();
    assert.deepEqual(faults, []);
    assert.deepEqual(
      proofs.map(({ verdict }) => verdict),
      ['allowed', 'denied'],
    );
    assert.equal(await makePod(server, goodImage), 'admitted');
    assert.equal(explainLog(await makePod(server, badImage))[0]?.id, 'denied-by-webhook');
  });

  const served = { listener: judge } as const;
  const mutual = { ...serving, requestCert: true, rejectUnauthorized: true, ca: foreign.pem };
  const cases: readonly Case[] = [
    {
      name: 'common name only',
      ...served,
      tls: await issue({ names: [], commonName: 'localhost' }),
      fault: 'server-common-name-only',
    },
    {
      name: 'another name',
      ...served,
      tls: await issue({ names: ['elsewhere.example'] }),
      fault: 'server-name-mismatch',
    },
    { name: 'expired', ...served, tls: await issue({ names: ['localhost'], expired: true }), fault: 'server-expired' },
    {
      name: 'not yet valid',
      ...served,
      tls: await issue({ names: ['localhost'], early: true }),
      fault: 'server-not-yet-valid',
    },
    { name: 'for clients', ...served, tls: await issue({ names: ['localhost'], client: true }), fault: 'server-usage' },
    {
      name: 'another CA',
      ...served,
      tls: await foreign.issue({ names: ['localhost'] }),
      fault: 'server-unknown-authority',
    },
    { name: 'plain HTTP', ...served, fault: 'not-tls' },
    { name: 'nobody', fault: 'port-closed' },
    {
      name: 'TLS 1.1',
      ...served,
      tls: { ...serving, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      fault: 'tls-too-old',
    },
    { name: 'another client CA', ...served, tls: mutual, fault: 'connection-closed' },
    { name: 'status 400', listener: answers(400, 'no'), tls: serving, fault: 'live-status', words: 'webhook-failed' },
    { name: 'status 404', listener: answers(404, 'no'), tls: serving, fault: 'live-status', words: 'webhook-failed' },
    { name: 'status 503', listener: answers(503, 'no'), tls: serving, fault: 'live-status', words: 'webhook-failed' },
    {
      name: 'no JSON',
      listener: answers(200, 'yes'),
      tls: serving,
      fault: 'live-answer-invalid',
      words: 'webhook-answer',
    },
    {
      name: 'nothing',
      listener: answers(200, ''),
      tls: serving,
      fault: 'live-answer-invalid',
      words: 'webhook-answer',
    },
    {
      name: 'another version',
      listener: answers(200, '{"apiVersion":"imagepolicy.k8s.io/v1","kind":"ImageReview","status":{"allowed":true}}'),
      tls: serving,
      fault: 'live-answer-invalid',
      words: 'webhook-answer',
    },
    {
      name: 'allowed as a text',
      listener: answers(
        200,
        '{"apiVersion":"imagepolicy.k8s.io/v1alpha1","kind":"ImageReview","status":{"allowed":"true"}}',
      ),
      tls: serving,
      fault: 'live-answer-invalid',
      words: 'webhook-answer',
    },
    {
      name: 'denies all',
      listener: answers(200, '{"status":{}}'),
      tls: serving,
      fault: 'live-allow-denied',
      words: 'denied-by-webhook',
    },
  ];
  for (const { name, listener, tls, fault, words } of cases) {
    await t.test(name, async () => {
      await place.put(listener, tls);
      const said = await makePod(server, goodImage);
      assert.equal(explainLog(said)[0]?.id, words ?? fault, said);
      const { faults } = await look();
      const found = faults.find(({ id }) => id === fault);
      assert.equal(found?.severity, 'error', JSON.stringify(faults));
      assert.ok(found.line !== undefined && found.file?.endsWith('kubeconfig.yaml'));
    });
  }

  await t.test('a client key of another certificate', async () => {
    await place.put(judge, serving);
    writeFileSync(join(folder, 'webhook', 'client.key'), serving.key);
    const { faults } = await look();
    assert.ok(faults.some(({ id, severity }) => id === 'client-key-of-another' && severity === 'error'));
    writeFileSync(join(folder, 'webhook', 'client.key'), client.key);
  });

  await t.test('ValidatingWebhookConfigurations', async (t2) => {
    await place.put(judge, await issue({ names: ['localhost'] }));
    mkdirSync(join(folder, 'hooks'), { recursive: true });
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const url = `https://localhost:${place.port}/validate`;
    const hooks: readonly {
      readonly name: string;
      readonly config: object;
      readonly fault: FaultId;
      readonly words?: FaultId;
      readonly more?: object;
    }[] = [
      {
        name: 'no-pem',
        config: { url, caBundle: base64('nothing') },
        fault: 'ca-bundle-invalid',
        words: 'ca-bundle-invalid',
      },
      { name: 'other-ca', config: { url, caBundle: base64(foreign.pem) }, fault: 'server-unknown-authority' },
      {
        name: 'address',
        config: { url: url.replace('localhost', '127.0.0.1'), caBundle: base64(authority.pem) },
        fault: 'server-address-mismatch',
      },
      {
        name: 'service',
        config: { url: 'https://tidewaiter.tidewaiter.svc/validate' },
        fault: 'service-name',
        words: 'host-unresolved',
      },
      {
        name: 'own-namespace',
        config: { service: { name: 'tidewaiter', namespace: 'default' }, caBundle: base64(authority.pem) },
        fault: 'own-namespace-not-excluded',
        words: 'webhook-service-missing',
      },
      {
        name: 'sub-resource',
        config: { url, caBundle: base64(authority.pem) },
        more: { matchConditions: [{ name: 'plain', expression: 'request.subResource != "status"' }] },
        fault: 'condition-sub-resource',
        words: 'condition-sub-resource',
      },
    ];
    for (const { name, config, fault, words, more } of hooks) {
      await t2.test(name, async () => {
        const hook = {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          metadata: { name },
          webhooks: [
            {
              name: `${name}.tidewaiter.dev`,
              clientConfig: config,
              rules: [
                {
                  apiGroups: [''],
                  apiVersions: ['v1'],
                  operations: ['CREATE', 'UPDATE'],
                  resources: ['pods', 'pods/ephemeralcontainers'],
                },
              ],
              sideEffects: 'None',
              admissionReviewVersions: ['v1'],
              timeoutSeconds: 5,
              ...more,
            },
          ],
        };
        const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
        const made = await server.ask({ method: 'POST', path, body: hook });
        assert.equal(made.status, 201, made.message);
        const said = await untilRefused(server);
        await server.ask({ method: 'DELETE', path: `${path}/${name}` });
        assert.equal(explainLog(said)[0]?.id, words ?? fault, said);
        const { faults } = await look([{ path: join(folder, 'hooks', name), text: JSON.stringify(hook, null, 1) }]);
        assert.equal(faults.find(({ id }) => id === fault)?.severity, 'error', JSON.stringify(faults));
        await untilAdmitted(server);
      });
    }
  });
});

/** A new or removed configuration takes effect a moment later. */
async function untilRefused(server: ApiServer): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const said = await makePod(server, goodImage);
    if (said !== 'admitted') return said;
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('never refused');
}

async function untilAdmitted(server: ApiServer): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await makePod(server, goodImage)) === 'admitted') return;
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('never admitted');
}
