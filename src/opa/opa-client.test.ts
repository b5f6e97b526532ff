import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import test, { type TestContext } from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { startServer, startSockets } from '../../test/support/http-server.js';
import { createHttpClient } from '../http/index.js';
import type { PolicyAnswer } from '../policy/index.js';
import { OpaClient, type OpaClientOptions, type OpaResult } from './opa-client.js';

const token = 'Bearer-of-nothing-4711';
const forever = Number.POSITIVE_INFINITY;

interface Opened {
  readonly client: OpaClient;
  readonly results: OpaResult[];
}

function open(
  t: TestContext,
  options: Partial<OpaClientOptions> & { readonly ca?: readonly string[]; readonly offline?: boolean } = {},
): Opened {
  const { ca, offline, ...rest } = options;
  const results: OpaResult[] = [];
  const client = new OpaClient({
    http: () => Promise.resolve(createHttpClient({ userAgent: 'test', ca, offline })),
    defaultTimeoutMs: 2000,
    onEnd: (result) => results.push(result),
    ...rest,
  });
  t.after(() => client.close());
  return { client, results };
}

const says =
  (result: unknown): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ result })));
  };

function reasonOf(answer: PolicyAnswer): string {
  assert.ok(answer.state === 'missing', 'no answer counts');
  return answer.reason;
}

const input = { images: [{ text: 'nginx' }] };

test('the question: POST, strict, with the input and the token; the connection is kept', async (t) => {
  const bodies: string[] = [];
  const connections = new Set<unknown>();
  const { origin, seen } = await startServer(t, (request, response) => {
    connections.add(request.socket);
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      bodies.push(body);
      response.end('{"result":{"allow":true,"warn":["w"]}}');
    });
  });
  const { client, results } = open(t, { token });
  const url = `${origin}/v1/data/image_admission`;
  for (let at = 0; at < 5; at++) {
    assert.deepEqual(await client.ask({ url, input }, forever), {
      state: 'answered',
      allow: true,
      deny: [],
      warn: ['w'],
    });
  }
  const [first] = seen;
  assert.equal(first?.method, 'POST');
  assert.equal(first?.url, '/v1/data/image_admission?strict-builtin-errors=true');
  assert.equal(first?.headers.authorization, `Bearer ${token}`);
  assert.equal(first?.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(bodies[0] ?? ''), { input });
  assert.equal(connections.size, 1);
  assert.deepEqual(new Set(results), new Set(['answered']));
});

test('redirects are not followed, and the token goes nowhere else', async (t) => {
  const elsewhere = await startServer(t, says(true));
  const { origin } = await startServer(t, (request, response) => {
    request.resume();
    response.writeHead(307, { location: `${elsewhere.origin}/v1/data/a` }).end();
  });
  const { client } = open(t, { token });
  assert.match(reasonOf(await client.ask({ url: `${origin}/v1/data/a`, input }, forever)), /elsewhere/);
  assert.equal(elsewhere.seen.length, 0);
});

test('a token that is sent back does not come out', async (t) => {
  const { origin } = await startServer(t, (request, response) => {
    request.resume();
    const shown = request.headers.authorization ?? '';
    if (request.url?.startsWith('/v1/data/deny')) response.end(JSON.stringify({ result: [`you sent ${shown}`] }));
    else response.writeHead(401).end(JSON.stringify({ code: 'unauthorized', message: `${shown} is wrong` }));
  });
  const { client } = open(t, { token });
  for (const path of ['deny', 'other']) {
    const answer = await client.ask({ url: `${origin}/v1/data/${path}`, input }, forever);
    assert.ok(!JSON.stringify(answer).includes(token), path);
  }
});

test('what gives no answer is missing, whatever it does', async (t) => {
  const listeners: Readonly<Record<string, RequestListener>> = {
    garbage: (_, response) => void response.end('<html>'),
    huge: (_, response) => {
      const piece = Buffer.alloc(64 * 1024, 0x20);
      const more = (): void => {
        while (response.write(piece));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    },
    promised: (_, response) => void response.writeHead(200, { 'content-length': 50_000_000 }).write('{'),
    cut: (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"result":true}', () => response.destroy());
    },
    broken: (request) => void request.socket.destroy(),
    denied: (_, response) => void response.writeHead(403).end('{"message":"no"}'),
  };
  const { origin } = await startServer(t, (request, response) => {
    const name = /^\/v1\/data\/(\w+)/.exec(request.url ?? '')?.[1] ?? '';
    response.on('error', () => {});
    listeners[name]?.(request, response);
  });
  const { client, results } = open(t);
  for (const name of Object.keys(listeners)) {
    const answer = await client.ask({ url: `${origin}/v1/data/${name}`, input }, forever);
    assert.ok(reasonOf(answer).length < 500, name);
  }
  assert.deepEqual(new Set(results), new Set(['unavailable']));
  const silent = await startSockets(t, (socket) => void socket.end('SSH-2.0-none\r\n'));
  assert.match(reasonOf(await client.ask({ url: `http://127.0.0.1:${silent}/v1/data/a`, input }, forever)), /OPA/);
  const { server, origin: gone } = await startServer(t, says(true));
  server.close();
  assert.match(reasonOf(await client.ask({ url: `${gone}/v1/data/a`, input }, forever)), /refuses connections/);
});

test('late is late: by its own time, or by the deadline of the review', async (t) => {
  let hangs = true;
  const { origin } = await startServer(t, (request, response) => {
    if (hangs) request.resume();
    else says(true)(request, response);
  });
  const { client, results } = open(t);
  const url = `${origin}/v1/data/a`;
  assert.match(reasonOf(await client.ask({ url, timeoutMs: 40, input }, forever)), /within 40 ms/);
  assert.match(reasonOf(await client.ask({ url, input }, performance.now() + 40)), /did not answer/);
  assert.match(reasonOf(await client.ask({ url, input }, 0)), /no time/);
  assert.deepEqual(results, ['late', 'late', 'late']);
  hangs = false;
  assert.equal((await client.ask({ url, input }, forever)).state, 'answered');
});

test('a server that hangs keeps a bounded number of sockets and questions', async (t) => {
  let open_ = 0;
  let most = 0;
  const port = await startSockets(t, (socket) => {
    most = Math.max(most, ++open_);
    socket.on('close', () => open_--).resume();
  });
  const { client, results } = open(t);
  const url = `http://127.0.0.1:${port}/v1/data/a`;
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () => client.ask({ url, timeoutMs: 150, input }, forever)),
  );
  assert.ok(answers.every(({ state }) => state === 'missing'));
  assert.equal(results.filter((result) => result === 'refused').length, 1000 - 256);
  assert.ok(most <= 64, `${most} sockets`);
  for (let tries = 0; client.busy > 0; tries++) {
    assert.ok(tries < 200, 'all are let go');
    await new Promise<void>((resolve) => setTimeout(resolve, 10));
  }
});

test('a kept connection that ended just now is no failure', async (t) => {
  let count = 0;
  const { origin } = await startServer(t, (request, response) => {
    count++;
    if (count === 2) request.socket.destroy();
    else says(true)(request, response);
  });
  const { client } = open(t);
  for (let at = 0; at < 2; at++) {
    assert.equal((await client.ask({ url: `${origin}/v1/data/a`, input }, forever)).state, 'answered');
  }
});

test('TLS: its authority must be known, and the name must be right', async (t) => {
  const authority = await makeAuthority('opa');
  const issued = await authority.issue({ names: ['localhost'] });
  const { origin, port } = await startServer(t, says(true), { cert: issued.cert, key: issued.key });
  const trusting = open(t, { ca: [authority.pem] }).client;
  assert.equal((await trusting.ask({ url: `${origin}/v1/data/a`, input }, forever)).state, 'answered');
  const wrongName = await trusting.ask({ url: `https://127.0.0.1:${port}/v1/data/a`, input }, forever);
  assert.match(reasonOf(wrongName), /another host/);
  assert.match(reasonOf(await open(t).client.ask({ url: `${origin}/v1/data/a`, input }, forever)), /not known/);
  const plain = await startServer(t, says(true));
  const spoken = await trusting.ask({ url: `https://localhost:${plain.port}/v1/data/a`, input }, forever);
  assert.equal(spoken.state, 'missing');
});

test('nobody is asked where connections are forbidden, and no question is without bound', async (t) => {
  const { origin, seen } = await startServer(t, says(true));
  const url = `${origin}/v1/data/a`;
  assert.match(reasonOf(await open(t, { offline: true }).client.ask({ url, input }, forever)), /forbidden/);
  const large = { text: 'x'.repeat(17 * 1024 * 1024) };
  assert.match(reasonOf(await open(t).client.ask({ url, input: large }, forever)), /bytes/);
  assert.equal(seen.length, 0);
});

test('closing when idle lets what is under way end', async (t) => {
  let arrived = (): void => {};
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  let answer = (): void => {};
  const { origin } = await startServer(t, (request, response) => {
    answer = () => says(true)(request, response);
    arrived();
  });
  const { client } = open(t);
  const told = client.ask({ url: `${origin}/v1/data/a`, input }, forever);
  await asked;
  await client.closeWhenIdle();
  answer();
  assert.equal((await told).state, 'answered');
});
