import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { startProxy, startServer } from '../../test/support/http-server.js';
import { createContext, TidewaiterError } from '../core/index.js';
import { openAccess, type RegistryAccess } from './index.js';
import { findHostCertificates, readSystemRoots } from './certificate-files.js';
import { proxyOptions } from './open-access.js';

const context = createContext();

const failing = (code: string) => (error: unknown) => error instanceof TidewaiterError && error.code === code;

/** What a server answers to one request with this access. */
async function ask(access: RegistryAccess, url: string): Promise<string> {
  const opened = openAccess(access);
  try {
    const http = await opened.http();
    const answer = await http.request(context, { method: 'GET', url: new URL(url), retries: 0 });
    return new TextDecoder().decode(await answer.bytes(1000));
  } finally {
    await opened.close();
  }
}

/** A home folder with these files. */
async function homeWith(t: TestContext, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tidewaiter-access-'));
  t.after(async () => await rm(home, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(home, name, '..'), { recursive: true });
    await writeFile(join(home, name), text);
  }
  return home;
}

async function secureServer(t: TestContext, requestCert = false) {
  const authority = await makeAuthority();
  const tls = await authority.issue({ names: ['localhost'] });
  const mutual = requestCert ? { ca: authority.pem, requestCert } : {};
  const server = await startServer(t, (_request, response) => response.end('ok'), { ...tls, ...mutual });
  return { authority, ...server };
}

test('each way out is made once, and ends with the access', async () => {
  const opened = openAccess({ environment: undefined });
  assert.equal(await opened.http(), await opened.http());
  assert.equal(await opened.credentials(), await opened.credentials());
  assert.equal(await opened.registry(), await opened.registry());
  await opened.close();
  await opened.close();
});

test('requests name the product', async (t) => {
  const { origin, seen } = await startServer(t, (_request, response) => response.end('ok'));
  await ask({}, origin);
  assert.match(String(seen[0]?.headers['user-agent']), /^tidewaiter\/\d+\.\d+\.\d+/);
});

test('authorities come from the settings, for all hosts or one, or are not asked for', async (t) => {
  const { origin, authority, port } = await secureServer(t);
  await assert.rejects(ask({}, origin), failing('TLS_UNTRUSTED'));
  assert.equal(await ask({ ca: [authority.pem] }, origin), 'ok');
  assert.equal(await ask({ insecure: true }, origin), 'ok');
  assert.equal(await ask({ hosts: { [`LOCALHOST:${port}`]: { ca: authority.pem } } }, origin), 'ok');
  assert.equal(await ask({ hosts: { localhost: { insecure: true } } }, origin), 'ok');
  await assert.rejects(ask({ hosts: { other: { insecure: true } } }, origin), failing('TLS_UNTRUSTED'));
});

test('authorities come from the files that the environment names', async (t) => {
  const { origin, authority } = await secureServer(t);
  const home = await homeWith(t, { 'ca.pem': authority.pem, 'certs/ca.0': authority.pem, 'certs/README': 'no PEM' });
  const file = join(home, 'ca.pem');
  assert.equal(await ask({ environment: { HOME: home, SSL_CERT_FILE: file } }, origin), 'ok');
  assert.equal(await ask({ environment: { HOME: home, NODE_EXTRA_CA_CERTS: file } }, origin), 'ok');
  const folders = `${join(home, 'none')}:${join(home, 'certs')}`;
  assert.equal(await ask({ environment: { HOME: home, SSL_CERT_DIR: folders } }, origin), 'ok');
  await assert.rejects(ask({ environment: { HOME: home } }, origin), failing('TLS_UNTRUSTED'));
  assert.deepEqual(await readSystemRoots({ SSL_CERT_FILE: file, SSL_CERT_DIR: home }), [authority.pem, authority.pem]);
  assert.deepEqual(await readSystemRoots({ SSL_CERT_FILE: '/no-cert-file.crt', SSL_CERT_DIR: '/nowhere' }), []);
});

for (const folder of ['.docker/certs.d', '.config/containers/certs.d', '.config/docker/certs.d']) {
  test(`authorities and client certificates come from ${folder}`, async (t) => {
    const { origin, authority, port } = await secureServer(t, true);
    const { cert, key } = await authority.issue({ names: [], client: true, commonName: 'me' });
    const home = await homeWith(t, {
      [`${folder}/localhost:${port}/ca.crt`]: authority.pem,
      [`${folder}/localhost:${port}/client.cert`]: cert,
      [`${folder}/localhost:${port}/client.key`]: key,
    });
    assert.equal(await ask({ environment: { HOME: home } }, origin), 'ok');
    await assert.rejects(ask({ environment: { HOME: join(home, 'other') } }, origin), failing('TLS_UNTRUSTED'));
  });
}

test('folders of hosts: the usual port may be left out, a half of a client is an error, and none leads out', async (t) => {
  const home = await homeWith(t, {
    '.docker/certs.d/a.example/ca.crt': 'A',
    '.docker/certs.d/b.example:443/ca.crt': 'B',
    '.docker/certs.d/half:5000/client.cert': 'C',
    '.docker/certs.d/key:5000/client.key': 'K',
    '.docker/outside/ca.crt': 'X',
    'xdg/containers/certs.d/a.example/ca.crt': 'D',
  });
  const find = async (host: string, more = {}) => await findHostCertificates(host, { HOME: home, ...more });
  assert.deepEqual((await find('a.example:443'))?.ca, ['A']);
  assert.deepEqual((await find('b.example:443'))?.ca, ['B']);
  assert.equal(await find('a.example:8443'), undefined);
  assert.equal(await find('../outside'), undefined);
  assert.equal(await find('..'), undefined);
  assert.equal(await find('x/../../outside'), undefined);
  await assert.rejects(find('half:5000'), failing('TLS_FAILED'));
  await assert.rejects(find('key:5000'), failing('TLS_FAILED'));
  assert.deepEqual((await find('a.example:443', { XDG_CONFIG_HOME: join(home, 'xdg') }))?.ca, ['D', 'A']);
});

test('proxies come from variables in capital or small letters, but not from a header of a web server', () => {
  const both = { HTTP_PROXY: 'big', http_proxy: 'small', HTTPS_PROXY: '', https_proxy: 'secure', no_proxy: 'a' };
  assert.deepEqual(proxyOptions(both), { http: 'big', https: 'secure', none: 'a' });
  assert.equal(proxyOptions({ ...both, REQUEST_METHOD: 'GET' }).http, 'small');
  assert.equal(proxyOptions({ HTTP_PROXY: 'big', REQUEST_METHOD: 'GET' }).http, undefined);
});

test('proxies of the environment are used, and without an environment nothing of the machine', async (t) => {
  const proxy = await startProxy(t);
  const home = await homeWith(t);
  const environment = { HOME: home, HTTP_PROXY: `127.0.0.1:${proxy.port}` };
  assert.equal(await ask({ environment }, 'http://registry.example/v2/'), 'proxied http://registry.example/v2/');
  await assert.rejects(ask({}, 'http://registry.invalid/'), failing('NAME_NOT_RESOLVED'));
  await assert.rejects(ask({ environment, offline: true }, 'http://registry.example/'), failing('OFFLINE'));
});
