import assert from 'node:assert/strict';
import test from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { buildImage } from '../../test/support/image-builder.js';
import { offering, startRegistry, testClient } from '../../test/support/registry/index.js';
import { createContext } from '../core/index.js';
import type { Credential } from '../credentials/index.js';
import { type HttpClient, HttpError, type HttpRequest, type HttpResponse } from '../http/index.js';
import { parseReference } from '../reference/index.js';
import { mainEndpoint } from './endpoint.js';
import { createRegistryClient, type RegistryOptions } from './index.js';
import { resolveLocation, withParameter } from './locations.js';

const image = buildImage({ layers: [[{ path: 'etc/motd', content: 'hello' }]] });
const ann = { username: 'ann', password: 'right-password' };

interface Wire {
  /** Method, URL and kind of authorization of what was asked. */
  readonly asked: readonly string[];
  readonly http: HttpClient;
}

/** A network of our own: what each URL (or the origin that it begins with) answers, or how it fails. */
function wire(answers: Readonly<Record<string, Partial<HttpAnswer> | HttpError['code']>>): Wire {
  const asked: string[] = [];
  const request = (_context: unknown, { method, url, authorization }: HttpRequest): Promise<HttpResponse> => {
    asked.push(`${method} ${url.origin}${url.pathname} ${authorization?.split(' ')[0] ?? 'none'}`);
    const key = Object.keys(answers).find((prefix) => url.href.startsWith(prefix));
    const answer = key === undefined ? 'NAME_NOT_RESOLVED' : (answers[key] ?? 'NAME_NOT_RESOLVED');
    if (typeof answer === 'string') return Promise.reject(new HttpError(answer, `${url.host} fails`));
    const once = answer.without !== undefined && authorization === undefined ? answer.without : answer;
    return Promise.resolve(toResponse(url, { status: 200, body: new Uint8Array(), headers: {}, ...once }));
  };
  return { asked, http: { request, close: () => Promise.resolve() } };
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The answer to requests that prove nothing. */
  readonly without: Partial<HttpAnswer>;
}

function toResponse(url: URL, { status, headers, body }: Omit<HttpAnswer, 'without'>): HttpResponse {
  return {
    status,
    url,
    header: (name) => headers[name.toLowerCase()],
    body: (async function* () {
      yield await Promise.resolve(body);
    })(),
    bytes: () => Promise.resolve(body),
    discard: () => Promise.resolve(),
  };
}

const manifest = { headers: { 'content-type': image.manifestMediaType }, body: image.manifest };
const basic = { ...manifest, without: { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } };
const bearer = (realm: string) => ({
  ...manifest,
  without: { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}",service="s"` } },
});

function fetchWith(answers: Parameters<typeof wire>[0], options: Partial<RegistryOptions> & { as?: Credential } = {}) {
  const { as = ann, ...rest } = options;
  const { asked, http } = wire(answers);
  const client = createRegistryClient({ http, credentials: offering(as), ...rest });
  const fetched = client.fetchManifest(createContext(), parseReference('registry.example/app:1'));
  return { asked, fetched };
}

const secure = 'https://registry.example/';
const plain = 'http://registry.example/';

test('HTTPS and nothing else, unless plain HTTP is allowed for the host, or for all', async () => {
  for (const failure of ['TLS_FAILED', 'CONNECTION_FAILED'] as const) {
    const strict = fetchWith({ [secure]: failure, [plain]: manifest });
    await assert.rejects(strict.fetched, { code: 'REGISTRY_UNREACHABLE' });
    assert.deepEqual(strict.asked, ['GET https://registry.example/v2/app/manifests/1 none']);
    for (const plainHttp of ['all', new Set(['registry.example'])] as const) {
      const { fetched, asked } = fetchWith({ [secure]: failure, [plain]: basic }, { plainHttp });
      assert.equal((await fetched).digest, image.manifestDigest);
      assert.deepEqual(asked, [
        'GET https://registry.example/v2/app/manifests/1 none',
        'GET http://registry.example/v2/app/manifests/1 none',
        'GET http://registry.example/v2/app/manifests/1 Basic',
      ]);
    }
    const other = fetchWith({ [secure]: failure, [plain]: manifest }, { plainHttp: new Set(['other.example']) });
    await assert.rejects(other.fetched, { code: 'REGISTRY_UNREACHABLE' });
  }
});

test('a certificate that is not vouched for is no reason for plain HTTP', async () => {
  for (const failure of ['TLS_UNTRUSTED', 'NAME_NOT_RESOLVED', 'TIMED_OUT', 'PROXY_FAILED'] as const) {
    const { fetched, asked } = fetchWith({ [secure]: failure, [plain]: manifest }, { plainHttp: 'all' });
    await assert.rejects(fetched, { code: 'REGISTRY_UNREACHABLE' });
    assert.equal(asked.length, 1, failure);
  }
});

test('an alias in plain HTTP is asked in it, and shown nothing', async () => {
  const aliases = new Map([['registry.example', 'http://inside.example']]);
  for (const [answer, as] of [
    [basic, ann],
    [bearer('https://auth.example/token'), { registryToken: 'registry-token' }],
    [bearer('http://inside.example/token'), ann],
  ] as const) {
    const answers = { 'http://inside.example/v2/': answer, 'http://inside.example/token': manifest };
    const { fetched, asked } = fetchWith(answers, { aliases, as });
    await assert.rejects(fetched, { code: 'UNAUTHORIZED', message: /plain HTTP/ });
    assert.deepEqual(asked, ['GET http://inside.example/v2/app/manifests/1 none']);
    const allowed = fetchWith(
      { ...answers, 'http://inside.example/token': { body: new TextEncoder().encode('{"token":"t"}') } },
      { aliases, as, plainHttp: new Set(['inside.example']) },
    );
    assert.equal((await allowed.fetched).digest, image.manifestDigest);
  }
});

test('Docker Hub is asked where it is', async () => {
  const { asked, http } = wire({ 'https://registry-1.docker.io/': manifest });
  const client = createRegistryClient({ http, credentials: offering() });
  await client.fetchManifest(createContext(), parseReference('nginx:1'));
  assert.deepEqual(asked, ['GET https://registry-1.docker.io/v2/library/nginx/manifests/1 none']);
});

test('on this machine plain HTTP is tried first, and HTTPS where it is not spoken', async (t) => {
  const open = await startRegistry();
  const authority = await makeAuthority();
  const tls = await authority.issue({ names: ['127.0.0.1'] });
  const closed = await startRegistry({ tls, auth: { kind: 'basic', users: { ann: 'right-password' } } });
  t.after(() => Promise.all([open.close(), closed.close()]));
  const { client, context } = testClient(t, { http: { ca: [authority.pem] }, credentials: offering(ann) });
  for (const registry of [open, closed]) {
    registry.addImage('app', '1', image);
    await client.fetchManifest(context, parseReference(`${registry.host}/app:1`));
  }
  assert.deepEqual(
    closed.accessLog.map(({ status, authorization }) => [status, authorization]),
    [
      [401, 'none'],
      [200, 'basic'],
    ],
  );
});

test('without a port HTTPS is tried first on this machine, too', async () => {
  const { asked, http } = wire({ 'https://localhost/': manifest, 'http://localhost/': { status: 404 } });
  const client = createRegistryClient({ http, credentials: offering() });
  await client.fetchManifest(createContext(), parseReference('localhost/app:1'));
  assert.deepEqual(asked, ['GET https://localhost/v2/app/manifests/1 none']);
});

test('addresses of version 6, and names of this machine', async (t) => {
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  try {
    registry = await startRegistry({ hostname: '::1', auth: { kind: 'bearer', users: { ann: 'right-password' } } });
  } catch {
    return t.skip('this machine has no address of version 6');
  }
  t.after(() => registry.close());
  registry.addImage('app', '1', image);
  const { client, context } = testClient(t, { credentials: offering(ann) });
  const named = parseReference(`${registry.host}/app:1`);
  assert.equal((await client.fetchManifest(context, named)).digest, image.manifestDigest);
});

test('where an answer sends us', () => {
  const endpoint = mainEndpoint('registry.example', { http: wire({}).http, credentials: offering() });
  const from = new URL('https://registry.example/v2/app/blobs/uploads/');
  const resolved = (location: string | undefined): string => resolveLocation(endpoint, from, location).href;
  assert.equal(resolved('/v2/x?a=b%2Fc&d'), 'https://registry.example/v2/x?a=b%2Fc&d');
  assert.equal(resolved('https://store.example/y'), 'https://store.example/y');
  // A proxy ends TLS, and the registry behind it does not know.
  assert.equal(resolved('http://registry.example/v2/x?a=b'), 'https://registry.example/v2/x?a=b');
  assert.equal(resolved('http://registry.example:5000/v2/x'), 'http://registry.example:5000/v2/x');
  for (const bad of [undefined, '', 'ftp://registry.example/', 'javascript:x', 'http://[', 'data:,x']) {
    assert.throws(() => resolved(bad), { code: 'INVALID_ANSWER' }, bad);
  }
});

test('a parameter is added, and the others stay as they are', () => {
  const add = (url: string): string => withParameter(new URL(url), 'digest', 'sha256:0').href;
  assert.equal(add('https://r/x'), 'https://r/x?digest=sha256%3A0');
  assert.equal(add('https://r/x?_state=a%2Fb+c%20d&e#f'), 'https://r/x?_state=a%2Fb+c%20d&e&digest=sha256%3A0');
});
