import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { once } from 'node:events';
import { createContext, type CancelSignal } from '../core/index.js';
import { startServer, startSockets } from '../../test/support/http-server.js';
import { createHttpClient, HttpError, type HttpErrorCode, type HttpOptions } from './index.js';
import type { HttpClient, HttpRequest } from './index.js';

const context = createContext();

function client(t: TestContext, options: Partial<HttpOptions> = {}): HttpClient {
  const made = createHttpClient({ userAgent: 'tests/1', ...options });
  t.after(async () => await made.close());
  return made;
}

const failing = (code: HttpErrorCode) => (error: unknown) => error instanceof HttpError && error.code === code;

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL(url),
  ...more,
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function readAll(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const piece of body) size += piece.length;
  return size;
}

test('a request and its answer', async (t) => {
  const { origin, seen } = await startServer(t, (request, response) => {
    response.setHeader('Set-Thing', ['a', 'b']).setHeader('X-One', '1').writeHead(404).end('no such thing');
  });
  const answer = await client(t).request(context, get(`${origin}/a/b?c=d#e`, { headers: { accept: 'text/plain' } }));
  assert.equal(answer.status, 404);
  assert.equal(answer.header('set-thing'), 'a, b');
  assert.equal(answer.header('X-ONE'), '1');
  assert.equal(answer.header('constructor'), undefined);
  assert.equal(answer.url.href, `${origin}/a/b?c=d`);
  assert.equal(text(await answer.bytes(100)), 'no such thing');
  const [request] = seen;
  assert.equal(request?.url, '/a/b?c=d');
  assert.equal(request.headers['user-agent'], 'tests/1');
  assert.equal(request.headers['accept-encoding'], 'identity');
  assert.equal(request.headers.accept, 'text/plain');
  assert.equal(request.headers.authorization, undefined);
});

test('a user name in the URL is neither sent nor told', async (t) => {
  const { port, seen } = await startServer(t, (_request, response) => response.end());
  const answer = await client(t).request(context, get(`http://me:secret@127.0.0.1:${port}/`));
  await answer.discard();
  assert.equal(seen[0]?.headers.authorization, undefined);
  assert.ok(!answer.url.href.includes('secret'));
});

test('bodies are sent with their size, whole or in pieces, and opened anew for every attempt', async (t) => {
  const bodies: string[] = [];
  const { origin, seen } = await startServer(t, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(bodies.length === 2 ? 503 : 201).end();
    });
  });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('hello ');
    yield new TextEncoder().encode('there');
  }
  const http = client(t, { sleep: async () => {} });
  const whole = { sizeBytes: 2, open: () => new TextEncoder().encode('hi') };
  const streamed = { sizeBytes: 11, open: pieces };
  for (const body of [whole, streamed]) {
    const answer = await http.request(context, { ...get(origin), method: 'PUT', body, retries: 1 });
    assert.equal(answer.status, 201);
    await answer.discard();
  }
  assert.deepEqual(bodies, ['hi', 'hello there', 'hello there']);
  assert.deepEqual(
    seen.map(({ headers }) => [headers['content-length'], headers['transfer-encoding']]),
    [
      ['2', undefined],
      ['11', undefined],
      ['11', undefined],
    ],
  );
});

test('what breaks the source of an upload is told as it is, and not tried again', async (t) => {
  const { origin, seen } = await startServer(t, (request, response) =>
    request.resume().on('end', () => response.end()),
  );
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    throw new RangeError('the source is gone');
  }
  const body = { sizeBytes: 20, open: pieces };
  await assert.rejects(client(t).request(context, { ...get(origin), method: 'PUT', body, retries: 3 }), RangeError);
  assert.ok(seen.length <= 1);
});

test('statuses that may pass are asked again, with growing waits; the last one is the answer', async (t) => {
  const { origin, seen } = await startServer(t, (_request, response) => response.writeHead(503).end('later'));
  const waits: number[] = [];
  const http = client(t, { sleep: async (ms) => void waits.push(ms) });
  const answer = await http.request(context, get(origin));
  assert.equal(answer.status, 503);
  assert.equal(text(await answer.bytes(10)), 'later');
  assert.equal(seen.length, 5);
  assert.equal(waits.length, 4);
  for (const [index, ms] of waits.entries()) {
    const most = 500 * 2 ** index;
    assert.ok(ms >= most / 2 && ms <= most, `wait ${index} is ${ms} ms`);
  }
});

test('only what may pass is asked again, and what changes something only when told', async (t) => {
  let status = 200;
  const { origin, seen } = await startServer(t, (_request, response) => response.writeHead(status).end());
  const http = client(t, { sleep: async () => {} });
  const timesAsked = async (method: HttpRequest['method'], answered: number): Promise<number> => {
    status = answered;
    const before = seen.length;
    await (await http.request(context, { ...get(origin), method })).discard();
    return seen.length - before;
  };
  for (const one of [400, 401, 403, 404, 501]) assert.equal(await timesAsked('GET', one), 1);
  for (const one of [408, 429, 500, 502, 504]) assert.equal(await timesAsked('HEAD', one), 5);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) assert.equal(await timesAsked(method, 503), 1);
});

test('Retry-After is heeded, up to a minute', async (t) => {
  const asked = ['7', new Date(Date.now() + 20_000).toUTCString()];
  const { origin, seen } = await startServer(t, (request, response) => {
    const after = request.url === '/long' ? '61' : asked.shift();
    if (after !== undefined) response.setHeader('retry-after', after).writeHead(429);
    response.end();
  });
  const waits: number[] = [];
  const http = client(t, { sleep: async (ms) => void waits.push(ms) });
  const answer = await http.request({ ...context, now: () => new Date() }, get(origin));
  assert.equal(answer.status, 200);
  await answer.discard();
  assert.ok((waits[0] ?? 0) >= 7_000 && (waits[0] ?? 0) < 8_000);
  assert.ok((waits[1] ?? 0) >= 15_000 && (waits[1] ?? 0) < 21_000);
  const refused = await http.request(context, get(`${origin}/long`));
  assert.equal(refused.status, 429);
  assert.equal(refused.header('retry-after'), '61');
  await refused.discard();
  assert.equal(waits.length, 2);
  assert.equal(seen.at(-1)?.url, '/long');
});

test('a connection that breaks before the answer is made again', async (t) => {
  let connections = 0;
  const port = await startSockets(t, (socket) => {
    connections++;
    socket.once('data', () => {
      if (connections < 3) socket.destroy();
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });
  const answer = await client(t, { sleep: async () => {} }).request(context, get(`http://127.0.0.1:${port}/`));
  assert.equal(text(await answer.bytes(2)), 'ok');
  assert.equal(connections, 3);
});

test('a server that nobody runs is asked a few times more', async (t) => {
  const { origin, server } = await startServer(t, (_request, response) => response.end());
  server.close();
  await once(server, 'close');
  let waits = 0;
  const http = client(t, { sleep: async () => void waits++ });
  await assert.rejects(http.request(context, get(origin)), failing('CONNECTION_FAILED'));
  assert.equal(waits, 2);
  // More at once than there are connections: every one is told.
  const many = Array.from({ length: 50 }, () => http.request(context, get(origin, { retries: 0 })));
  const outcomes = await Promise.allSettled(many);
  assert.ok(outcomes.every((one) => one.status === 'rejected' && failing('CONNECTION_FAILED')(one.reason)));
});

test('names that nobody knows are not asked again', async (t) => {
  let waits = 0;
  const unknown = Object.assign(new Error('x'), { code: 'ENOTFOUND' });
  const resolve = async (): Promise<never> => {
    throw unknown;
  };
  const http = client(t, { resolve, sleep: async () => void waits++ });
  await assert.rejects(http.request(context, get('http://nobody.example/')), failing('NAME_NOT_RESOLVED'));
  assert.equal(waits, 0);
});

test('what answers in another protocol is no HTTP server', async (t) => {
  const port = await startSockets(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
  const http = client(t, { sleep: async () => {} });
  await assert.rejects(http.request(context, get(`http://127.0.0.1:${port}/`)), failing('CONNECTION_FAILED'));
});

test('a head of endless headers is refused', async (t) => {
  const port = await startSockets(t, (socket) => {
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${`x-more: ${'y'.repeat(1000)}\r\n`.repeat(100)}`));
  });
  const http = client(t, { sleep: async () => {} });
  await assert.rejects(http.request(context, get(`http://127.0.0.1:${port}/`)), failing('CONNECTION_FAILED'));
});

test('a body with fewer bytes than promised is an error', async (t) => {
  const heads = {
    '/length': 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n',
    '/chunks': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100\r\n',
  };
  const port = await startSockets(t, (socket) => {
    socket.once('data', (data) => socket.end(`${heads[/GET (\S+)/.exec(String(data))?.[1] as '/length']}some bytes`));
  });
  const http = client(t);
  for (const path of Object.keys(heads)) {
    const answer = await http.request(context, get(`http://127.0.0.1:${port}${path}`));
    await assert.rejects(readAll(answer.body), failing('BODY_TRUNCATED'), path);
  }
  const answer = await http.request(context, get(`http://127.0.0.1:${port}/length`));
  await assert.rejects(answer.bytes(1000), failing('BODY_TRUNCATED'));
});

test('answers without a body promise none', async (t) => {
  const { origin } = await startServer(t, (request, response) => {
    response
      .setHeader('content-length', '100')
      .writeHead(request.method === 'HEAD' ? 200 : 304)
      .end();
  });
  const http = client(t);
  for (const method of ['HEAD', 'GET'] as const) {
    const answer = await http.request(context, { ...get(origin), method });
    assert.equal(answer.header('content-length'), '100');
    assert.equal((await answer.bytes(0)).length, 0);
  }
});

test('a body that is larger than allowed is not read', async (t) => {
  const { origin } = await startServer(t, (request, response) => {
    if (request.url === '/told') response.setHeader('content-length', '101');
    response.end('x'.repeat(101));
  });
  const http = client(t);
  for (const path of ['/told', '/untold']) {
    const answer = await http.request(context, get(origin + path));
    await assert.rejects(answer.bytes(100), failing('BODY_TOO_LARGE'));
    const whole = await http.request(context, get(origin + path));
    assert.equal((await whole.bytes(101)).length, 101);
  }
});

test('silence is an error: before the answer, and within its body', async (t) => {
  const { origin } = await startServer(t, (request, response) => {
    if (request.url === '/body') response.writeHead(200, { 'content-length': '100' }).write('some');
  });
  const http = client(t);
  const limits = { idleTimeoutMs: 100, retries: 0 };
  await assert.rejects(http.request(context, get(`${origin}/head`, limits)), failing('TIMED_OUT'));
  const answer = await http.request(context, get(`${origin}/body`, limits));
  await assert.rejects(readAll(answer.body), failing('TIMED_OUT'));
});

test('a connection that does not come is given up', async (t) => {
  // A server that takes the connection and then says nothing to the TLS that is begun.
  const port = await startSockets(t, () => {});
  const request = get(`https://127.0.0.1:${port}/`, { connectTimeoutMs: 100, retries: 0 });
  await assert.rejects(client(t).request(context, request), failing('TIMED_OUT'));
});

test('a reader that is slow is sent no more than it takes', async (t) => {
  let sent = 0;
  const { origin } = await startServer(t, (_request, response) => {
    const piece = Buffer.alloc(1 << 16);
    const send = (): void => {
      while (sent < 1 << 28 && response.write(piece)) sent += piece.length;
    };
    response.on('drain', send);
    send();
  });
  const answer = await client(t).request(context, get(origin));
  for await (const piece of answer.body) {
    assert.ok(piece.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    break;
  }
  assert.ok(sent < 1 << 26, `${sent} bytes were sent`);
});

test('cancelling ends whatever is under way, with the reason', async (t) => {
  const { origin } = await startServer(t, (request, response) => {
    if (request.url === '/body') response.writeHead(200).write('some');
    if (request.url === '/later') response.writeHead(503, { 'retry-after': '50' }).end();
  });
  const silent = await startSockets(t, () => {});
  const http = client(t);
  const reason = new Error('enough');
  const cancelSoon = (): CancelSignal => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    return controller.signal;
  };
  for (const url of [`${origin}/head`, `${origin}/later`, `https://127.0.0.1:${silent}/`]) {
    const request = http.request({ ...context, signal: cancelSoon() }, get(url));
    await assert.rejects(request, (error) => error === reason, url);
  }
  const answer = await http.request({ ...context, signal: cancelSoon() }, get(`${origin}/body`));
  await assert.rejects(readAll(answer.body), (error) => error === reason);
  const over = { ...context, signal: AbortSignal.abort(reason) };
  await assert.rejects(http.request(over, get(origin)), (error) => error === reason);
});

test('connections are used again, after answers that were read and small ones that were not', async (t) => {
  const { origin, server } = await startServer(t, (_request, response) => response.end('small'));
  let connections = 0;
  server.on('connection', () => connections++);
  const http = client(t);
  for (let index = 0; index < 9; index++) {
    const answer = await http.request(context, { ...get(origin), method: index % 3 === 0 ? 'HEAD' : 'GET' });
    if (index % 2 === 0) await answer.bytes(10);
    else await answer.discard();
  }
  assert.equal(connections, 1);
  await http.close();
  await http.close();
});

test('connections in use end when the client is closed', async (t) => {
  const { origin } = await startServer(t, (request, response) => {
    if (request.url === '/body') response.writeHead(200).write('some');
  });
  const http = client(t);
  const answer = await http.request(context, get(`${origin}/body`));
  const waiting = http.request(context, get(`${origin}/head`));
  const silent = await startSockets(t, () => {});
  const connecting = http.request(context, get(`https://127.0.0.1:${silent}/`));
  const ended = [
    assert.rejects(connecting, failing('CONNECTION_FAILED')),
    assert.rejects(readAll(answer.body), HttpError),
    assert.rejects(waiting, failing('CONNECTION_FAILED')),
  ];
  await new Promise((resolve) => setTimeout(resolve, 20));
  await http.close();
  await Promise.all(ended);
});

test('offline, nothing is asked', async (t) => {
  const { origin, seen } = await startServer(t, (_request, response) => response.end());
  await assert.rejects(client(t, { offline: true }).request(context, get(origin)), failing('OFFLINE'));
  assert.equal(seen.length, 0);
});

test('a UNIX socket is asked in place of the host, without a proxy, and its redirects are answers', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tidewaiter-http-'));
  t.after(async () => await rm(folder, { recursive: true }));
  const socketPath = join(folder, 'service.sock');
  const server = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: 'http://127.0.0.1:1/' });
    response.end(`${request.headers.host} ${request.url}`);
  }).listen(socketPath);
  await once(server, 'listening');
  t.after(() => server.close());
  const http = client(t, { socketPath, proxy: { http: 'http://127.0.0.1:1' } });
  const answer = await http.request(context, get('http://docker/v1.43/info'));
  assert.equal(text(await answer.bytes(100)), 'docker /v1.43/info');
  const moved = await http.request(context, get('http://docker/moved', { maxRedirects: 5 }));
  assert.equal(moved.status, 302);
  await moved.discard();
  const absent = client(t, { socketPath: join(folder, 'none.sock') });
  await assert.rejects(absent.request(context, get('http://docker/')), failing('CONNECTION_FAILED'));
});

test('errors tell neither query nor password', async (t) => {
  const port = await startSockets(t, (socket) => socket.destroy());
  const url = `http://me:secret@127.0.0.1:${port}/secret?secret=secret`;
  const request = get(url, { authorization: 'Basic secret', headers: { cookie: 'secret' }, retries: 0 });
  await assert.rejects(client(t).request(context, request), (error) => {
    assert.ok(error instanceof HttpError);
    assert.ok(!JSON.stringify([error.message, error.hint, String(error.cause), error.stack]).includes('secret'));
    return true;
  });
});

test('an upload that is refused at its start, an empty one, and one that breaks its promise', async (t) => {
  const { origin, seen } = await startServer(t, (request, response) => {
    if (request.url === '/refused') response.writeHead(401).end('no');
    else request.resume().on('end', () => response.end('taken'));
  });
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (; sent < 1 << 28; sent += 1 << 16) yield new Uint8Array(1 << 16);
  }
  const http = client(t);
  const put = (path: string, body: HttpRequest['body']): HttpRequest => ({
    ...get(origin + path),
    method: 'PUT',
    body,
  });
  const refused = await http.request(context, put('/refused', { sizeBytes: 1 << 28, open: endless }));
  assert.equal(refused.status, 401);
  assert.equal(text(await refused.bytes(10)), 'no');
  assert.ok(sent < 1 << 28);
  for (const body of [undefined, { sizeBytes: 0, open: () => new Uint8Array() }]) {
    const empty = await http.request(context, put('/empty', body));
    assert.equal(text(await empty.bytes(10)), 'taken');
    assert.equal(seen.at(-1)?.headers['content-length'], '0');
  }
  async function* short(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
  }
  for (const sizeBytes of [5, 20]) {
    await assert.rejects(
      http.request(context, put('/short', { sizeBytes, open: short })),
      failing('CONNECTION_FAILED'),
    );
  }
});
