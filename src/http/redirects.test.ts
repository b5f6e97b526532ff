import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { startServer, startSockets, type TestServer } from '../../test/support/http-server.js';
import { createContext } from '../core/index.js';
import { createHttpClient, HttpError, type HttpClient, type HttpErrorCode, type HttpOptions } from './index.js';
import { checkTarget, nextHop, type Hop } from './redirects.js';

const context = createContext();

const failing = (code: HttpErrorCode) => (error: unknown) => error instanceof HttpError && error.code === code;

function client(t: TestContext, options: Partial<HttpOptions> = {}): HttpClient {
  const made = createHttpClient({ userAgent: 'tests/1', sleep: async () => {}, ...options });
  t.after(async () => await made.close());
  return made;
}

/** A server that sends whoever asks for a path to where this says; else it answers. */
async function redirecting(t: TestContext, to: Record<string, string>, status = 302): Promise<TestServer> {
  return await startServer(t, (request, response) => {
    const location = to[request.url ?? ''];
    if (location !== undefined) response.writeHead(status, { location });
    response.end();
  });
}

const hop: Hop = {
  method: 'GET',
  url: new URL('https://registry.example/v2/a?b=c'),
  headers: { accept: 'text/plain', cookie: 'c', 'x-api-key': 'k', 'x-registry-auth': 'r', 'proxy-authorization': 'p' },
  authorization: 'Bearer t',
  body: undefined,
};

const answer = (location: string | undefined, status = 302) => ({ status, header: () => location });

test('to the same origin all is shown again, to any other nothing that proves who we are', () => {
  const same = nextHop(hop, answer('/v2/d'));
  assert.equal(same?.url.href, 'https://registry.example/v2/d');
  assert.equal(same.authorization, 'Bearer t');
  assert.deepEqual(same.headers, hop.headers);
  const others = [
    'https://other.example/',
    'https://registry.example:8443/',
    'https://sub.registry.example/',
    '//other.example/x',
  ];
  for (const location of others) {
    const other = nextHop(hop, answer(location));
    assert.equal(other?.authorization, undefined, location);
    assert.deepEqual(other?.headers, { accept: 'text/plain' }, location);
  }
  // Up to HTTPS is another origin as well.
  const plain = { ...hop, url: new URL('http://registry.example/') };
  assert.equal(nextHop(plain, answer('https://registry.example/'))?.authorization, undefined);
});

test('a user name in the location is dropped', () => {
  assert.equal(nextHop(hop, answer('https://me:secret@other.example/x#y'))?.url.href, 'https://other.example/x');
});

test('never from HTTPS to plain HTTP, nor out of HTTP, nor to what is no URL', () => {
  const bad = [
    'http://registry.example/',
    'file:///etc/passwd',
    'ftp://x/',
    'data:,x',
    'javascript:x',
    'https://',
    'https://a b/',
  ];
  for (const location of bad)
    assert.throws(() => nextHop(hop, answer(location)), failing('REDIRECT_REFUSED'), location);
});

test('whatever a location is, it leads to HTTP without a user name, or is refused', () => {
  const part = fc.oneof(
    fc.webUrl(),
    fc.string(),
    fc.constantFrom('//', '@', 'me:x@', '\\\\', 'http:', 'HTTPS:', '[', '%00', '?', '#'),
  );
  const locations = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(locations, (location) => {
      try {
        const url = nextHop({ ...hop, url: new URL('http://registry.example/a') }, answer(location))?.url;
        assert.ok(url === undefined || (/^https?:$/.test(url.protocol) && url.username === '' && url.password === ''));
      } catch (error) {
        assert.ok(failing('REDIRECT_REFUSED')(error), String(error));
      }
    }),
  );
});

test('what is no redirect leads nowhere', () => {
  for (const status of [200, 201, 202, 300, 304, 305, 306, 400])
    assert.equal(nextHop(hop, answer('/x', status)), undefined);
  assert.equal(nextHop(hop, answer(undefined)), undefined);
});

test('the method and the body follow where the status says so', () => {
  const body = { sizeBytes: 1, open: () => new Uint8Array(1) };
  const sent = { ...hop, headers: { 'content-type': 'x/y', accept: 'a' }, body };
  const method = (from: Hop['method'], status: number): string | undefined =>
    nextHop({ ...sent, method: from }, answer('/x', status))?.method;
  assert.deepEqual(
    [301, 302, 303, 307, 308].map((status) => method('POST', status)),
    ['GET', 'GET', 'GET', 'POST', 'POST'],
  );
  assert.deepEqual(
    [301, 302, 303, 307, 308].map((status) => method('PUT', status)),
    ['PUT', 'PUT', 'GET', 'PUT', 'PUT'],
  );
  assert.deepEqual(
    [301, 302, 303, 307, 308].map((status) => method('HEAD', status)),
    Array(5).fill('HEAD'),
  );
  const asked = nextHop({ ...sent, method: 'POST' }, answer('/x', 303));
  assert.equal(asked?.body, undefined);
  assert.deepEqual(asked?.headers, { accept: 'a' });
  assert.equal(nextHop({ ...sent, method: 'POST' }, answer('/x', 307))?.body, body);
});

test('targets that a server of the world may not name', () => {
  const from = new URL('https://registry.example/');
  const bad = [
    'https://169.254.169.254/latest/meta-data',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://metadata.google.internal/',
    'https://100.100.100.200/',
    'https://0.0.0.0/',
    'https://[::]/',
    'https://localhost/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://10.0.0.1/',
    'https://192.168.0.1/',
    'https://[fd12::1]/',
  ];
  for (const to of bad) assert.throws(() => checkTarget(from, 'public', new URL(to)), failing('REDIRECT_REFUSED'), to);
  checkTarget(from, 'public', new URL('https://1.2.3.4/'));
  checkTarget(from, 'private', new URL('https://10.0.0.1/'));
  checkTarget(from, 'loopback', new URL('https://127.0.0.1/'));
  assert.throws(() => checkTarget(from, 'private', new URL('https://127.0.0.1/')), failing('REDIRECT_REFUSED'));
  assert.throws(() => checkTarget(from, 'loopback', new URL('https://169.254.0.1/')), failing('REDIRECT_REFUSED'));
  // What the user named by its address may name itself.
  checkTarget(new URL('https://169.254.0.1/'), 'special', new URL('https://169.254.0.1:444/'));
});

test('the access log of a redirect to another origin and back shows the credential once', async (t) => {
  const back: Record<string, string> = {};
  const other = await redirecting(t, back);
  const first = await redirecting(t, { '/blob': `${other.origin}/stored` });
  back['/stored'] = `${first.origin}/again`;
  const headers = { cookie: 'c=1', 'x-token': 'x', accept: 'a' };
  const url = new URL(`${first.origin}/blob`);
  const got = await client(t).request(context, { method: 'GET', url, headers, authorization: 'Basic s' });
  assert.equal(got.url.href, `${first.origin}/again`);
  await got.discard();
  const shown = [...first.seen, ...other.seen].map(({ url: path, headers: sent }) => [
    path,
    sent.authorization,
    sent.cookie,
    sent['x-token'],
    sent.accept,
  ]);
  assert.deepEqual(shown, [
    ['/blob', 'Basic s', 'c=1', 'x', 'a'],
    ['/again', undefined, undefined, undefined, 'a'],
    ['/stored', undefined, undefined, undefined, 'a'],
  ]);
});

test('redirects without end, and none followed', async (t) => {
  const { origin, seen } = await redirecting(t, { '/': '/' });
  const http = client(t);
  const url = new URL(origin);
  await assert.rejects(http.request(context, { method: 'GET', url }), failing('TOO_MANY_REDIRECTS'));
  assert.equal(seen.length, 11);
  for (const asked of [{ method: 'GET', maxRedirects: 0 }, { method: 'POST' }, { method: 'PUT' }] as const) {
    const got = await http.request(context, { ...asked, url });
    assert.equal(got.status, 302);
    await got.discard();
  }
});

test('a redirect is refused once, without asking anybody again', async (t) => {
  const { origin, seen } = await redirecting(t, { '/': 'http://169.254.169.254/latest/meta-data/' });
  await assert.rejects(
    client(t).request(context, { method: 'GET', url: new URL(origin) }),
    failing('REDIRECT_REFUSED'),
  );
  assert.equal(seen.length, 1);
});

test('names are held to what they resolve to, and what is connected to is what was checked', async (t) => {
  const target = await redirecting(t, {});
  const names: Record<string, readonly string[]> = {
    'first.example': ['127.0.0.1'],
    'metadata.example': ['169.254.169.254', '::ffff:169.254.169.254'],
    'two.example': ['169.254.169.254', '127.0.0.1'],
  };
  const asked: string[] = [];
  const resolve = async (name: string): Promise<readonly string[]> => {
    asked.push(name);
    return names[name] ?? [];
  };
  const first = await redirecting(t, {
    '/bad': `http://metadata.example:${target.port}/`,
    '/two': `http://two.example:${target.port}/`,
  });
  const http = client(t, { resolve });
  const url = (path: string): URL => new URL(`http://first.example:${first.port}${path}`);
  await assert.rejects(http.request(context, { method: 'GET', url: url('/bad') }), failing('REDIRECT_REFUSED'));
  const got = await http.request(context, { method: 'GET', url: url('/two') });
  assert.equal(got.status, 200);
  await got.discard();
  assert.deepEqual(asked, ['first.example', 'metadata.example', 'two.example']);
});

test('a registry of the world leads to no address of this machine, by whatever name', async (t) => {
  const target = await redirecting(t, {});
  const first = await redirecting(t, { '/': `http://inner.example:${target.port}/` });
  // The test's own server, said to be far away by the look-up before the request.
  const resolve = async (name: string): Promise<readonly string[]> =>
    name === 'far.example' ? ['8.8.8.8'] : ['127.0.0.1'];
  const http = client(t, { resolve });
  const far = new URL('https://far.example/');
  const direct = { method: 'GET', url: new URL(target.origin), chosenBy: new URL('http://far.example/') } as const;
  await assert.rejects(http.request(context, direct), failing('REDIRECT_REFUSED'));
  const named = { ...direct, url: new URL(`http://inner.example:${target.port}/`) };
  await assert.rejects(http.request(context, named), failing('REDIRECT_REFUSED'));
  const known = client(t, {
    resolve,
    hosts: new Map([
      ['inner.example', {}],
      ['169.254.169.254', {}],
    ]),
  });
  await (await known.request(context, named)).bytes(0);
  const special = { ...named, url: new URL('http://169.254.169.254/') };
  await assert.rejects(known.request(context, special), failing('REDIRECT_REFUSED'));
  assert.equal(target.seen.length, 1);
  const plain = { ...direct, chosenBy: far };
  await assert.rejects(http.request(context, plain), failing('REDIRECT_REFUSED'));
  assert.equal(target.seen.length, 1);
  // The user may, and a registry of this machine may; a connection of theirs is not taken for what a server chose.
  for (const chosenBy of [undefined, new URL(first.origin)]) {
    const got = await http.request(context, { method: 'GET', url: named.url, chosenBy });
    await got.bytes(0);
  }
  assert.equal(target.seen.length, 3);
  await assert.rejects(http.request(context, named), failing('REDIRECT_REFUSED'));
  assert.equal(target.seen.length, 3);
});

test('a location with hostile characters is none, and is not repeated', async (t) => {
  const port = await startSockets(t, (socket) => {
    const head = 'HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: http://a\u001b[31m\u0000b/\u202e?secret\r\n\r\n';
    socket.once('data', () => socket.end(head));
  });
  const request = client(t).request(context, { method: 'GET', url: new URL(`http://127.0.0.1:${port}/`), retries: 0 });
  await assert.rejects(request, (error) => {
    assert.ok(error instanceof HttpError);
    assert.match(error.message, /^[ -~]+$/);
    assert.ok(!error.message.includes('secret'));
    return true;
  });
});
