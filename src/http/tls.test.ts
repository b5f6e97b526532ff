import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { startProxy, startServer, startSockets } from '../../test/support/http-server.js';
import { createContext } from '../core/index.js';
import { createHttpClient, HttpError, type HttpErrorCode, type HttpOptions } from './index.js';

const context = createContext();

const failing = (code: HttpErrorCode) => (error: unknown) => error instanceof HttpError && error.code === code;

/** The status of one request by a client of its own. */
async function ask(url: string, options: Partial<HttpOptions> = {}): Promise<string> {
  const http = createHttpClient({ userAgent: 'tests/1', sleep: async () => {}, ...options });
  try {
    const answer = await http.request(context, { method: 'GET', url: new URL(url), authorization: 'Basic s' });
    return new TextDecoder().decode(await answer.bytes(1000));
  } finally {
    await http.close();
  }
}

async function secureServer(t: TestContext, names: readonly string[] = ['localhost', '127.0.0.1'], expired = false) {
  const authority = await makeAuthority();
  const tls = await authority.issue({ names, expired });
  return { authority, ...(await startServer(t, (_request, response) => response.end('ok'), tls)) };
}

test('an authority is trusted once it is named: for all hosts, for one, by its port, or alone', async (t) => {
  const { origin, port, authority } = await secureServer(t);
  const ca = [authority.pem];
  await assert.rejects(ask(origin), failing('TLS_UNTRUSTED'));
  assert.equal(await ask(origin, { ca }), 'ok');
  assert.equal(await ask(`https://127.0.0.1:${port}`, { ca }), 'ok');
  assert.equal(await ask(origin, { roots: async () => ca }), 'ok');
  assert.equal(await ask(origin, { hosts: new Map([['localhost', { ca }]]) }), 'ok');
  assert.equal(await ask(origin, { hosts: new Map([[`localhost:${port}`, { ca }]]) }), 'ok');
  await assert.rejects(ask(origin, { hosts: new Map([['localhost:1', { ca }]]) }), failing('TLS_UNTRUSTED'));
  await assert.rejects(ask(origin, { hosts: new Map([['elsewhere', { ca }]]) }), failing('TLS_UNTRUSTED'));
  await assert.rejects(ask(origin, { roots: async () => [] }), failing('TLS_UNTRUSTED'));
  assert.equal(await ask(origin, { insecure: true }), 'ok');
  assert.equal(await ask(origin, { hosts: new Map([['localhost', { insecure: true }]]) }), 'ok');
  const asked: string[] = [];
  const findHost = async (host: string) => {
    asked.push(host);
    return { ca };
  };
  assert.equal(await ask(origin, { findHost }), 'ok');
  assert.deepEqual(asked, [`localhost:${port}`]);
});

test('distrust says why, and is not tried again', async (t) => {
  const expired = await secureServer(t, ['localhost'], true);
  const other = await secureServer(t, ['registry.example']);
  const unknown = await secureServer(t);
  const self = await makeAuthority();
  assert.ok(self.pem);
  const reasons: readonly (readonly [string, readonly string[], RegExp])[] = [
    [expired.origin, [expired.authority.pem], /expired/],
    [other.origin, [other.authority.pem], /another host/],
    [unknown.origin, [other.authority.pem], /authority is not known/],
  ];
  let waits = 0;
  for (const [origin, ca, why] of reasons) {
    await assert.rejects(ask(origin, { ca, sleep: async () => void waits++ }), (error) => {
      assert.ok(failing('TLS_UNTRUSTED')(error) && error instanceof HttpError);
      assert.match(error.message, why);
      assert.ok(error.hint);
      return true;
    });
  }
  assert.equal(waits, 0);
});

test('a client certificate is shown to the host that it is for', async (t) => {
  const authority = await makeAuthority();
  const server = await authority.issue({ names: ['localhost'] });
  const { origin } = await startServer(t, (_request, response) => response.end('known'), {
    ...server,
    ca: authority.pem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const { cert: certificate, key } = await authority.issue({ names: [], client: true, commonName: 'me' });
  const ca = [authority.pem];
  assert.equal(await ask(origin, { hosts: new Map([['localhost', { ca, certificate, key }]]) }), 'known');
  await assert.rejects(ask(origin, { ca }), HttpError);
  const other = await authority.issue({ names: [], client: true, commonName: 'other' });
  const mixed = new Map([['localhost', { ca, certificate, key: other.key }]]);
  await assert.rejects(ask(origin, { hosts: mixed }), failing('TLS_FAILED'));
  const nonsense = new Map([['localhost', { ca, certificate: 'no PEM', key: 'neither' }]]);
  await assert.rejects(ask(origin, { hosts: nonsense }), failing('TLS_FAILED'));
});

test('a server without TLS is named as such', async (t) => {
  const { port } = await startServer(t, (_request, response) => response.end());
  await assert.rejects(ask(`https://127.0.0.1:${port}`), failing('TLS_FAILED'));
  const silent = await startSockets(t, (socket) => socket.once('data', () => socket.destroy()));
  await assert.rejects(ask(`https://127.0.0.1:${silent}`), failing('TLS_FAILED'));
});

test('through a proxy: whole URLs for HTTP, a tunnel for HTTPS, its password for itself alone', async (t) => {
  const authority = await makeAuthority();
  const tls = await authority.issue({ names: ['registry.example'] });
  const { port, seen } = await startServer(t, (_request, response) => response.end('inside'), tls);
  const proxy = await startProxy(t);
  const url = `http://me:p%40ss@127.0.0.1:${proxy.port}`;
  const options = { ca: [authority.pem], proxy: { http: url, https: url } };
  assert.equal(await ask(`https://registry.example:${port}/x`, options), 'inside');
  assert.equal(await ask('http://plain.example/y?z', options), 'proxied http://plain.example/y?z');
  const login = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  assert.equal(proxy.tunnels[0]?.url, `registry.example:${port}`);
  assert.equal(proxy.tunnels[0]?.headers['proxy-authorization'], login);
  assert.equal(proxy.tunnels[0]?.headers.authorization, undefined);
  assert.equal(proxy.seen[0]?.headers['proxy-authorization'], login);
  assert.equal(proxy.seen[0]?.headers.host, 'plain.example');
  assert.equal(seen[0]?.headers['proxy-authorization'], undefined);
  assert.equal(seen[0]?.headers.authorization, 'Basic s');
});

test('through a proxy that speaks TLS itself', async (t) => {
  const authority = await makeAuthority();
  const tls = await authority.issue({ names: ['registry.example'] });
  const { port } = await startServer(t, (_request, response) => response.end('inside'), tls);
  const proxy = await startProxy(t, { tls: await authority.issue({ names: ['127.0.0.1'] }) });
  const url = `https://127.0.0.1:${proxy.port}`;
  const options = { ca: [authority.pem], proxy: { http: url, https: url } };
  assert.equal(await ask(`https://registry.example:${port}/x`, options), 'inside');
  assert.equal(await ask('http://plain.example/', options), 'proxied http://plain.example/');
  const untrusted = ask('https://registry.example/', { proxy: { https: url } });
  await assert.rejects(untrusted, failing('PROXY_FAILED'));
});

test('a proxy that refuses, fails or is not there is named without its password', async (t) => {
  let status = 407;
  const proxy = await startProxy(t, { refuse: () => status });
  const silent = await startSockets(t, (socket) => socket.destroy());
  const noHttp = await startSockets(t, (socket) => socket.end('SSH-2.0\r\n\r\n'));
  const named = (port: number) => ({
    http: `http://me:secret@127.0.0.1:${port}`,
    https: `http://me:secret@127.0.0.1:${port}`,
  });
  const refused = (error: unknown): boolean => {
    assert.ok(failing('PROXY_FAILED')(error) && error instanceof HttpError);
    assert.ok(
      error.message.includes('127.0.0.1') && !error.message.includes('secret') && !error.stack?.includes('secret'),
    );
    return true;
  };
  await assert.rejects(ask('http://a.example/', { proxy: named(proxy.port) }), refused);
  for (status of [407, 403, 502]) {
    await assert.rejects(ask('https://a.example/', { proxy: named(proxy.port) }), refused);
  }
  assert.equal(proxy.tunnels.length, 5);
  for (const port of [silent, noHttp]) await assert.rejects(ask('https://a.example/', { proxy: named(port) }), refused);
});

test('hosts of this machine and of NO_PROXY are reached without', async (t) => {
  const { origin, port } = await startServer(t, (_request, response) => response.end('direct'));
  const proxy = { http: 'http://127.0.0.1:1', none: 'direct.example' };
  assert.equal(await ask(origin, { proxy }), 'direct');
  const resolve = async () => ['127.0.0.1'];
  assert.equal(await ask(`http://direct.example:${port}/`, { proxy, resolve }), 'direct');
  await assert.rejects(ask(`http://other.example:${port}/`, { proxy, resolve }), failing('PROXY_FAILED'));
});
