import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { makeAuthority, type Authority } from '../../test/support/certificates.js';
import { startServer, type TestServer } from '../../test/support/http-server.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { isTidewaiterError } from '../core/index.js';
import {
  ClusterError,
  inClusterAccess,
  kubeconfigAccess,
  openPullSecretReader,
  type ClusterErrorCode,
  type PullSecretReader,
  type PullSecretReaderOptions,
  type ReadResult,
} from './index.js';

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

interface Stage {
  readonly reader: PullSecretReader;
  readonly server: TestServer;
  readonly folder: string;
  readonly authority: Authority;
  readonly said: string[];
}

const failing = (code: ClusterErrorCode, words: RegExp) => (error: unknown) =>
  error instanceof ClusterError && error.code === code && words.test(error.message);

function secretOf(name: string, namespace: string, config: string, type = 'kubernetes.io/dockerconfigjson'): object {
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
  return { kind: 'Secret', apiVersion: 'v1', metadata: { name, namespace }, type, data };
}

const config = JSON.stringify({ auths: { 'reg.example': { username: 'me', password: 'hidden-1' } } });

function give(response: ServerResponse, body: object | string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A reader over a small API server that shows a certificate for `localhost`, in a pod of its own. */
async function stage(t: TestContext, answer: Answerer, options: Partial<PullSecretReaderOptions> = {}): Promise<Stage> {
  const authority = await makeAuthority('cluster');
  const server = await startServer(t, answer, await authority.issue({ names: ['localhost'] }));
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'ca.crt'), authority.pem);
  writeFileSync(join(folder, 'token'), 'token-1\n');
  const environment = { KUBERNETES_SERVICE_HOST: 'localhost', KUBERNETES_SERVICE_PORT: String(server.port) };
  const said: string[] = [];
  const find = await inClusterAccess(environment, folder);
  const reader = openPullSecretReader({ find, log: (_, message) => said.push(message), ...options });
  t.after(async () => await reader.close());
  return { reader, server, folder, authority, said };
}

void test('one question for all who ask, remembered for ten seconds; the token is read each time', async (t) => {
  let now = 0;
  const { reader, server, folder } = await stage(
    t,
    (_, response) => give(response, secretOf('regcred', 'shop', config)),
    { clock: () => now },
  );
  const ask = async (): Promise<unknown> => await reader.logins('shop', 'regcred');
  const login = { key: 'reg.example', username: 'me', password: 'hidden-1', origin: 'secret shop/regcred' };
  for (const read of await Promise.all(Array.from({ length: 100 }, ask))) {
    assert.deepEqual(read, { kind: 'logins', logins: [login] });
  }
  now = 9000;
  await ask();
  assert.equal(server.seen.length, 1);
  writeFileSync(join(folder, 'token'), 'token-2');
  now = 11_000;
  await ask();
  assert.deepEqual(
    server.seen.map(({ url, headers }) => [url, headers.authorization, headers.accept]),
    ['token-1', 'token-2'].map((token) => [
      '/api/v1/namespaces/shop/secrets/regcred',
      `Bearer ${token}`,
      'application/json',
    ]),
  );
});

void test('what the kubelet goes on without, and what stops it', async (t) => {
  const bodies: Readonly<Record<string, object>> = {
    opaque: secretOf('opaque', 'shop', config, 'Opaque'),
    broken: secretOf('broken', 'shop', '{"auths": {"a.example": {"auth": "c2VjcmV0"}}}'),
    nojson: secretOf('nojson', 'shop', 'hidden-1'),
    bare: { kind: 'Secret', metadata: { name: 'bare', namespace: 'shop' }, type: 'kubernetes.io/dockerconfigjson' },
    odd: { kind: 'Secret', metadata: { name: 'odd', namespace: 'shop' }, data: 5 },
    many: secretOf(
      'many',
      'shop',
      JSON.stringify({ auths: Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`r${at}.example`, {}])) }),
    ),
  };
  const { reader, said } = await stage(t, (request, response) =>
    give(response, bodies[request.url?.split('/').at(-1) ?? ''] ?? {}),
  );
  const kinds = Object.fromEntries(
    await Promise.all(
      Object.keys(bodies).map(async (name) => {
        const read = await reader.logins('shop', name);
        assert.ok(!JSON.stringify(read).includes('hidden-1') && !JSON.stringify(read).includes('c2VjcmV0'));
        return [name, read.kind] as const;
      }),
    ),
  );
  assert.deepEqual(kinds, {
    opaque: 'passed over',
    broken: 'broken',
    nojson: 'broken',
    bare: 'passed over',
    odd: 'passed over',
    many: 'passed over',
  });
  assert.deepEqual(said, []);
});

void test('service accounts: the names of their pull secrets', async (t) => {
  const { reader } = await stage(t, (_, response) =>
    give(response, {
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: 'shop' },
      secrets: [{ name: 'default-token-x' }],
      imagePullSecrets: [{ name: 'b' }, { name: 'a' }, { name: 'b' }, {}, { name: '' }, 7, null],
    }),
  );
  assert.deepEqual(await reader.secretsOf('shop', 'default'), ['b', 'a']);
});

void test('refusals and nonsense are told in words, tried again after five seconds, and nothing is quoted', async (t) => {
  const answers: Readonly<Record<string, readonly [number, string | object, ClusterErrorCode, RegExp]>> = {
    none: [404, 'hidden-1', 'OBJECT_NOT_FOUND', /^there is no secret shop\/none$/],
    forbidden: [403, 'hidden-1', 'READ_FORBIDDEN', /^the secret shop\/forbidden may not be read \(forbidden\)$/],
    unknown: [401, 'hidden-1', 'READ_FORBIDDEN', /does not know who we are/],
    broken: [500, 'hidden-1', 'CLUSTER_UNREACHABLE', /the API server answers 500/],
    garbage: [200, 'hidden-1 {', 'CLUSTER_ANSWER_INVALID', /is something else/],
    deep: [200, '['.repeat(100_000), 'CLUSTER_ANSWER_INVALID', /is something else/],
    list: [200, '[]', 'CLUSTER_ANSWER_INVALID', /is something else/],
    other: [200, secretOf('regcred', 'shop', config), 'CLUSTER_ANSWER_INVALID', /is something else/],
    foreign: [200, secretOf('foreign', 'bank', config), 'CLUSTER_ANSWER_INVALID', /is something else/],
    huge: [200, `{"a": "${'x'.repeat(3 * 1024 * 1024)}"}`, 'CLUSTER_ANSWER_INVALID', /more than 2097152 bytes/],
  };
  let now = 0;
  const { reader, server, said } = await stage(
    t,
    (request, response) => {
      const [status, body] = answers[request.url?.split('/').at(-1) ?? ''] ?? [200, '{}'];
      give(response, body, status);
    },
    { clock: () => now },
  );
  for (const [name, [, , code, words]] of Object.entries(answers)) {
    await assert.rejects(reader.logins('shop', name), failing(code, words), name);
  }
  const asked = server.seen.length;
  await assert.rejects(reader.logins('shop', 'forbidden'), failing('READ_FORBIDDEN', /forbidden/));
  assert.equal(server.seen.length, asked);
  now = 6000;
  await assert.rejects(reader.logins('shop', 'forbidden'), failing('READ_FORBIDDEN', /forbidden/));
  assert.equal(server.seen.length, asked + 1);
  assert.ok(said.length > 0 && !said.join('\n').includes('hidden-1') && !said.join('\n').includes('token-1'));
});

void test('a refusal costs no connection', async (t) => {
  const { reader, server } = await stage(t, (_, response) => give(response, { kind: 'Status', code: 404 }, 404));
  let connections = 0;
  server.server.on('secureConnection', () => connections++);
  for (const name of ['a', 'b', 'c']) await assert.rejects(reader.logins('shop', name), ClusterError);
  assert.deepEqual([server.seen.length, connections], [3, 1]);
});

void test('no name leads anywhere else than to one object of one namespace', async (t) => {
  const told: ReadResult[] = [];
  const { reader, server, said } = await stage(t, (_, response) => give(response, {}), {
    onRead: (result) => told.push(result),
  });
  const names = [
    '..',
    '.',
    '',
    'a/b',
    'a%2fb',
    '../../nodes',
    'A',
    'a?x',
    'a#',
    'a\n',
    'ä',
    '-a',
    'a'.repeat(254),
    'a'.repeat(1e6),
  ];
  for (const name of names) {
    await assert.rejects(reader.logins('shop', name), failing('OBJECT_NOT_FOUND', /^there is no secret [\x20-\x7e]*$/));
    await assert.rejects(reader.secretsOf(name, 'default'), failing('OBJECT_NOT_FOUND', /no service account/));
  }
  await assert.rejects(reader.logins('shop.bank', 'a'), failing('OBJECT_NOT_FOUND', /no secret/));
  assert.deepEqual([server.seen, told, said], [[], [], []]);
});

void test('redirects are not followed: the token goes to the API server alone', async (t) => {
  const elsewhere = await startServer(t, (_, response) => give(response, secretOf('a', 'shop', config)));
  const { reader } = await stage(t, (_, response) => {
    response.writeHead(307, { location: `${elsewhere.origin}/` }).end();
  });
  await assert.rejects(reader.logins('shop', 'a'), failing('CLUSTER_UNREACHABLE', /answers 307/));
  assert.equal(elsewhere.seen.length, 0);
});

void test('an API server that hangs, drips, breaks off or is gone is waited for no longer than allowed', async (t) => {
  const drips = new Set<NodeJS.Timeout>();
  t.after(() => {
    for (const drip of drips) clearInterval(drip);
  });
  const { reader, server } = await stage(
    t,
    (request, response) => {
      if (request.url?.endsWith('/drip') === true) {
        response.writeHead(200, { 'content-type': 'application/json' });
        drips.add(setInterval(() => response.write(' '), 20));
      } else if (request.url?.endsWith('/cut') === true) {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"kind"');
        setTimeout(() => response.destroy(), 10);
      }
    },
    { timeoutMs: 200 },
  );
  for (const name of ['hung', 'drip', 'cut']) {
    await assert.rejects(reader.logins('shop', name), failing('CLUSTER_UNREACHABLE', /cannot be read: /), name);
  }
  server.server.closeAllConnections();
  server.server.close();
  await assert.rejects(reader.logins('shop', 'gone'), failing('CLUSTER_UNREACHABLE', /cannot be read: /));
});

void test('who is not vouched for is told no token', async (t) => {
  const { reader, server, folder } = await stage(t, (_, response) => give(response, secretOf('a', 'shop', config)));
  await reader.close();
  const other = await makeAuthority('other');
  writeFileSync(join(folder, 'ca.crt'), other.pem);
  const environment = { KUBERNETES_SERVICE_HOST: 'localhost', KUBERNETES_SERVICE_PORT: String(server.port) };
  const wrong = openPullSecretReader({ find: await inClusterAccess(environment, folder), log() {} });
  t.after(async () => await wrong.close());
  await assert.rejects(wrong.logins('shop', 'a'), failing('CLUSTER_UNREACHABLE', /certificate/));
  assert.equal(server.seen.length, 0);
});

void test('authorities that are replaced are taken up, and broken files change nothing', async (t) => {
  let now = 0;
  const old = await makeAuthority('old');
  const { server, folder, authority } = await stage(t, (_, response) => give(response, secretOf('a', 'shop', config)));
  writeFileSync(join(folder, 'ca.crt'), old.pem);
  const environment = { KUBERNETES_SERVICE_HOST: 'localhost', KUBERNETES_SERVICE_PORT: String(server.port) };
  const said: string[] = [];
  const find = await inClusterAccess(environment, folder);
  const reader = openPullSecretReader({ find, log: (_, message) => said.push(message), clock: () => now });
  t.after(async () => await reader.close());
  await assert.rejects(reader.logins('shop', 'a'), failing('CLUSTER_UNREACHABLE', /certificate/));
  writeFileSync(join(folder, 'ca.crt'), authority.pem);
  now = 70_000;
  assert.equal((await reader.logins('shop', 'a')).kind, 'logins');
  writeFileSync(join(folder, 'ca.crt'), Buffer.alloc(2 * 1024 * 1024));
  now = 140_000;
  assert.equal((await reader.logins('shop', 'a')).kind, 'logins');
  assert.match(said.join('\n'), /the way to the API server is not renewed: .*more than 1048576 bytes/);
});

void test('a kubeconfig: client certificates, tokens and names of servers; what would be somebody else is refused', async (t) => {
  const authority = await makeAuthority('cluster');
  const client = await authority.issue({ names: [], client: true, commonName: 'reader' });
  const server = await startServer(
    t,
    (request, response) => {
      const socket = request.socket as unknown as { getPeerCertificate(): { subject?: { CN?: string } } };
      const name = socket.getPeerCertificate().subject?.CN ?? 'nobody';
      give(response, secretOf('a', 'shop', JSON.stringify({ auths: { [name]: {} } })));
    },
    {
      ...(await authority.issue({ names: ['kubernetes.default'] })),
      ca: authority.pem,
      requestCert: true,
      rejectUnauthorized: false,
    },
  );
  const folder = temporaryFolder(t);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  writeFileSync(join(folder, 'ca.crt'), authority.pem);
  writeFileSync(join(folder, 'client.crt'), client.cert);
  writeFileSync(join(folder, 'client.key'), client.key);
  writeFileSync(join(folder, 'token'), 'from-file');
  const path = join(folder, 'kubeconfig');
  const write = (cluster: object, user: object, more: object = {}): void =>
    writeFileSync(
      path,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${server.port}/base/`, ...cluster } }],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
        ...more,
      }),
    );
  const ask = async (): Promise<string> => {
    const reader = openPullSecretReader({ find: await kubeconfigAccess(path), log() {} });
    try {
      const read = await reader.logins('shop', 'a');
      return read.kind === 'logins' ? (read.logins[0]?.key ?? '') : read.kind;
    } finally {
      await reader.close();
    }
  };
  const named = { 'certificate-authority': 'ca.crt', 'tls-server-name': 'kubernetes.default' };
  write(named, { 'client-certificate': 'client.crt', 'client-key': 'client.key' });
  assert.equal(await ask(), 'reader');
  assert.equal(server.seen.at(-1)?.url, '/base/api/v1/namespaces/shop/secrets/a');
  write(
    { ...named, 'certificate-authority': '/none', 'certificate-authority-data': base64(authority.pem) },
    {
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(client.key),
    },
  );
  assert.equal(await ask(), 'reader');
  write(named, { token: 'plain' });
  assert.equal(await ask(), 'nobody');
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer plain');
  write(named, { token: 'plain', tokenFile: 'token' });
  assert.equal(await ask(), 'nobody');
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer from-file');
  write({ 'insecure-skip-tls-verify': true }, { token: 'plain' });
  assert.equal(await ask(), 'nobody');
  // Another name than the certificate's, and an authority that is not ours.
  write({ 'certificate-authority': 'ca.crt' }, { token: 'plain' });
  await assert.rejects(ask(), failing('CLUSTER_UNREACHABLE', /certificate/));
  write({ 'tls-server-name': 'kubernetes.default' }, { token: 'plain' });
  await assert.rejects(ask(), failing('CLUSTER_UNREACHABLE', /certificate/));

  const refused: readonly (readonly [object, object, object?])[] = [
    [named, { exec: { command: 'aws' } }],
    [named, { 'auth-provider': { name: 'gcp' } }],
    [named, { username: 'me', password: 'hidden-1' }],
    [named, { token: 'hidden-1', as: 'admin' }],
    [named, { 'client-certificate': 'client.crt' }],
    [named, { 'client-key': 'client.key' }],
    [named, { 'client-certificate': 'none.crt', 'client-key': 'client.key' }],
    [named, { 'client-certificate': 'token', 'client-key': 'client.key' }],
    [named, { token: 'hidden-1\r\nX: y' }],
    [named, { token: 5 }],
    [named, { tokenFile: 'none' }],
    [{ ...named, server: 'http://127.0.0.1' }, {}],
    [{ ...named, server: '127.0.0.1:6443' }, {}],
    [{ ...named, server: 'https://me:hidden-1@127.0.0.1' }, {}],
    [{ ...named, server: undefined }, {}],
    [{ ...named, 'proxy-url': 'socks5://127.0.0.1' }, {}],
    [named, {}, { 'current-context': 'y' }],
    [named, {}, { 'current-context': undefined }],
    [named, {}, { clusters: [] }],
    [named, {}, { users: 'u' }],
    [
      named,
      {},
      {
        contexts: [
          { name: 'x', context: { cluster: 'c' } },
          { name: 'x', context: { cluster: 'd' } },
        ],
      },
    ],
  ];
  for (const [cluster, user, more] of refused) {
    write(cluster, user, more);
    await assert.rejects(
      kubeconfigAccess(path),
      (error) =>
        isTidewaiterError(error) && error.code === 'CLUSTER_CONFIG_INVALID' && !error.message.includes('hidden'),
      JSON.stringify([cluster, user, more]),
    );
  }
  for (const text of ['', '- a', 'a: [', 'token: "hidden-1', '{"a": 1']) {
    writeFileSync(path, text);
    await assert.rejects(
      kubeconfigAccess(path),
      (error) =>
        isTidewaiterError(error) && error.code === 'CLUSTER_CONFIG_INVALID' && !error.message.includes('hidden'),
    );
  }
  await assert.rejects(kubeconfigAccess(join(folder, 'none')), failing('CLUSTER_CONFIG_INVALID', /cannot read/));
});

void test('outside of a pod, or in one without a token, there is no way', async (t) => {
  const folder = temporaryFolder(t);
  const port = { KUBERNETES_SERVICE_PORT: '443' };
  for (const host of ['', 'a/b', 'a@b', 'a b']) {
    await assert.rejects(
      inClusterAccess({ ...port, KUBERNETES_SERVICE_HOST: host }, folder),
      failing('CLUSTER_CONFIG_INVALID', /runs in no pod/),
    );
  }
  const environment = { ...port, KUBERNETES_SERVICE_HOST: 'fd00::1' };
  await assert.rejects(inClusterAccess(environment, folder), failing('CLUSTER_CONFIG_INVALID', /ca\.crt/));
  writeFileSync(join(folder, 'ca.crt'), '-----BEGIN CERTIFICATE-----');
  await assert.rejects(inClusterAccess(environment, folder), failing('CLUSTER_CONFIG_INVALID', /token/));
  writeFileSync(join(folder, 'token'), 'one');
  const { server } = await (await inClusterAccess(environment, folder))();
  assert.equal(server.href, 'https://[fd00::1]/');
});
