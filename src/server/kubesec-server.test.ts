import assert from 'node:assert/strict';
import { request } from 'node:http';
import test from 'node:test';
import { loadBundledSchemas, tableCheck } from '../manifest/index.js';
import { isTidewaiterError } from '../core/index.js';
import { manifestIn } from './form.js';
import { parseListenAddress, serveKubesec, type RunningServer } from './kubesec-server.js';

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

async function withServer(run: (ask: Ask) => Promise<void>): Promise<void> {
  const check = tableCheck(await loadBundledSchemas());
  const server = await serveKubesec({
    address: { host: '127.0.0.1', port: 0 },
    compat: 'strict',
    checks: () => Promise.resolve(check),
    log() {},
    maxBodyBytes: 100_000,
  });
  try {
    await run((method, path, body) => ask(server, { method, path, body }));
  } finally {
    await server.close(1000);
  }
}

type Ask = (method: string, path: string, body?: string) => Promise<Answer>;

function ask(
  { address }: RunningServer,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: string | undefined },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: address.host, port: address.port, method, path, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          type: response.headers['content-type'],
          location: response.headers.location,
          body: Buffer.concat(pieces).toString(),
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: true\n  containers: [{name: a, image: i}]\n';

void test('routes', async () => {
  await withServer(async (send) => {
    assert.deepEqual(await send('GET', '/healthz').then(({ status, body }) => [status, body]), [200, 'OK\n']);
    assert.deepEqual(await send('POST', '/healthz', 'x').then(({ status, body }) => [status, body]), [200, 'OK\n']);
    assert.deepEqual(await send('GET', '/scan').then(({ status, location }) => [status, location]), [
      303,
      'https://kubesec.io',
    ]);
    for (const [method, path] of [
      ['POST', '/'],
      ['PUT', '/scan'],
      ['POST', '/any/thing'],
    ] as const) {
      const { status, type, body } = await send(method, path, pod);
      assert.deepEqual([status, type], [200, 'application/json']);
      const [report] = JSON.parse(body) as { fileName: string; score: number }[];
      assert.deepEqual([report?.fileName, report?.score], ['API', -9]);
      assert.ok(body.endsWith(']\n'));
    }
    const metrics = await send('GET', '/metrics');
    assert.match(metrics.body, /http_requests_total\{code="200",method="post"\} 3\n/);
  });
});

void test('bodies and queries', async () => {
  await withServer(async (send) => {
    const only = await send('POST', '/?rule=HostPID&rule=RunAsUser', `file=${pod}`);
    assert.match(only.body, /"id": "HostPID"[^]*"id": "RunAsUser"/);
    assert.doesNotMatch(only.body, /HostIPC/);
    const cases: readonly (readonly [string, string, number, string | RegExp])[] = [
      ['/', '', 400, 'Invalid input\n'],
      ['/', 'a: b: c', 400, /^yaml: line 1: .*\n$/],
      ['/?rule=Nope&rule=x', pod, 400, 'invalid rule IDs requested: Nope, x\n'],
      ['/?rule=', pod, 400, 'invalid rule IDs requested: \n'],
      ['/?in-toto=1', pod, 500, ''],
      ['/', 'x'.repeat(200_000), 413, 'request body too large\n'],
    ];
    for (const [path, body, status, text] of cases) {
      const answer = await send('POST', path, body);
      assert.equal(answer.status, status, path);
      if (typeof text === 'string') assert.equal(answer.body, text);
      else assert.match(answer.body, text);
    }
  });
});

void test('addresses', () => {
  assert.deepEqual(parseListenAddress('8080'), { host: '127.0.0.1', port: 8080 });
  assert.deepEqual(parseListenAddress(':8080'), { host: '127.0.0.1', port: 8080 });
  assert.deepEqual(parseListenAddress('0.0.0.0:1'), { host: '0.0.0.0', port: 1 });
  assert.deepEqual(parseListenAddress('[::1]:65535'), { host: '::1', port: 65535 });
  for (const text of ['localhost:80', 'abc', '0', '65536', '1.2.3.4', '', '[::1]', '::1:80x', '1.2.3.4:-1']) {
    assert.throws(
      () => parseListenAddress(text),
      (error) => isTidewaiterError(error) && error.code === 'INVALID_ADDRESS',
      text,
    );
  }
});

void test('forms', () => {
  const text = 'a: 1\nb: "x=y&z"\n';
  assert.equal(manifestIn(text, 'application/x-www-form-urlencoded'), text);
  assert.equal(manifestIn(`file=${text}`, 'application/x-www-form-urlencoded'), text);
  assert.equal(manifestIn(`file=${encodeURIComponent(text)}&x=1`, 'application/x-www-form-urlencoded'), text);
  const parts = `--B\r\nContent-Disposition: form-data; name="file"; filename="a.yaml"\r\n\r\n${text}\r\n--B--\r\n`;
  assert.equal(manifestIn(parts, 'multipart/form-data; boundary=B'), text);
  assert.equal(manifestIn(parts, 'multipart/form-data; boundary="B"'), text);
  assert.equal(manifestIn('--B\r\nbroken', 'multipart/form-data; boundary=B'), '--B\r\nbroken');
});
