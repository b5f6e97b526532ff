import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { makeAuthority, type Authority, type IssuedCertificate } from '../../../test/support/certificates.js';
import { temporaryFolder } from '../../../test/support/paths.js';
import { parsePolicy } from '../../policy/index.js';
import {
  AdmissionMetrics,
  readTlsFiles,
  RecordLog,
  Watched,
  type AdmissionPage,
  type AdmissionPageOptions,
  type NamedPolicy,
} from '../index.js';
import type { PageFiles } from './page-files.js';
import { servePage } from './serve-page.js';

const secret = '0123456789abcdef';

const files: PageFiles = {
  page: '<!doctype html><title>the page</title>',
  signIn: '<!doctype html><title>sign in</title><p>{PROBLEM}</p><input name="next" value="{NEXT}">',
  others: new Map([['/page.js', { type: 'text/javascript', text: '1' }]]),
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: unknown;
}

interface How {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly client?: IssuedCertificate;
}

interface Opened {
  readonly page: AdmissionPage;
  readonly folder: string;
  readonly said: string[];
  readonly written: object[];
  readonly authority: Authority;
  readonly ask: (path: string, how?: How) => Promise<Answer>;
  readonly signIn: (token?: string, next?: string) => Promise<Answer>;
}

async function openPage(
  t: TestContext,
  more: Partial<AdmissionPageOptions> & { clientCa?: boolean } = {},
): Promise<Opened> {
  const { clientCa = false, ...overrides } = more;
  const folder = temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  const authority = await makeAuthority('page');
  const issued = await authority.issue({ names: ['127.0.0.1'] });
  writeFileSync(path('server.crt'), issued.cert);
  writeFileSync(path('server.key'), issued.key);
  writeFileSync(path('ca.crt'), authority.pem);
  writeFileSync(path('token'), `${secret}\n`);
  const said: string[] = [];
  const log = (_: string, message: string): void => void said.push(message);
  const tls = { certificate: path('server.crt'), key: path('server.key') };
  const auditLog = await RecordLog.open({ path: path('log'), complain: (message) => said.push(message) });
  t.after(() => auditLog.close());
  const written: object[] = [];
  const policy: NamedPolicy = {
    policy: parsePolicy('apiVersion: tidewaiter.dev/v1\nkind: Policy\nmetadata: {name: door}\nrules: []\n', 'policy'),
    name: 'door@123456789abc',
  };
  const page = await servePage(
    {
      address: { host: '127.0.0.1', port: 0 },
      tls: { ...tls, clientAuthorities: clientCa ? path('ca.crt') : undefined },
      clientNames: new Set(),
      tokenPath: path('token'),
      watching: {
        policy: await Watched.open({ what: 'the policy', paths: [], load: () => Promise.resolve(policy), log }),
        tls: await Watched.open({ what: 'the certificates', paths: [], load: () => readTlsFiles(tls), log }),
        records: {
          problem: undefined,
          waiting: 0,
          add: (record) => void written.push(record),
          reopen: () => auditLog.reopen(),
        },
        metrics: new AdmissionMetrics(),
      },
      version: '1.2.3',
      log,
      pollMs: 20,
      wrongTokenMs: 10,
      ...overrides,
    },
    files,
  );
  const agent = new Agent({ keepAlive: true });
  t.after(async () => {
    agent.destroy();
    await page.close();
  });
  const ask = (at: string, how: How = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method = 'GET', headers, body, client } = how;
      const sent = request(
        {
          agent: client ? new Agent() : agent,
          host: '127.0.0.1',
          port: page.address.port,
          path: at,
          method,
          headers,
          ca: authority.pem,
          ...client,
        },
        (response) => {
          let text = '';
          response.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
          response.on('error', reject);
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const signIn = (token = secret, next = '/'): Promise<Answer> =>
    ask('/login', { method: 'POST', headers: formHeaders, body: new URLSearchParams({ token, next }).toString() });
  return { page, folder, said, written, authority, ask, signIn };
}

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
const bearer = { authorization: `Bearer ${secret}` };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cookieOf(answer: Answer): string {
  const { 'set-cookie': set } = answer.headers;
  const [cookie = ''] = Array.isArray(set) ? set : [];
  return cookie.split(';', 1)[0] ?? '';
}

const deny = {
  time: '2026-11-24T12:00:00.000Z',
  route: 'imageReview',
  outcome: 'deny',
  allowed: false,
  images: [{ image: 'nginx' }],
};

test('who has not signed in learns nothing, and is shown where to', async (t) => {
  const { page, ask } = await openPage(t);
  page.records.add(deny);
  const home = await ask('/?outcome=deny&q=%3Cb%3E');
  assert.deepEqual(
    [home.status, home.headers['location']],
    [303, '/login?next=%2F%3Foutcome%3Ddeny%26q%3D%253Cb%253E'],
  );
  for (const path of ['/api/decisions', '/api/status', '/api/decisions/x', '/api/nonsense']) {
    const answer = await ask(path);
    assert.equal(answer.status, 401, path);
    assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
    assert.ok(!answer.text.includes('nginx'));
  }
  assert.deepEqual((await ask('/api/session')).body, { signedIn: false });
  assert.equal((await ask('/login')).status, 200);
  assert.equal((await ask('/page.js')).status, 200);
  assert.equal((await ask('/../../etc/passwd')).status, 404);
});

test('the token opens a session, whose cookie only this host and no script sees', async (t) => {
  const { page, ask, signIn, said } = await openPage(t);
  page.records.add(deny);
  const answer = await signIn(secret, '/?outcome=deny');
  assert.deepEqual([answer.status, answer.headers['location']], [303, '/?outcome=deny']);
  const [set = ''] = answer.headers['set-cookie'] ?? [];
  assert.match(set, /^__Host-tidewaiter=[0-9a-f]{64}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const headers = { cookie: `other=1; ${cookieOf(answer)}` };
  assert.match((await ask('/', { headers })).text, /the page/);
  assert.equal((await ask('/api/decisions', { headers })).status, 200);
  assert.equal((await ask('/login?next=/?q=x', { headers })).headers['location'], '/?q=x');
  const out = await ask('/logout', { method: 'POST', headers: { ...headers, 'sec-fetch-site': 'same-origin' } });
  assert.deepEqual([out.status, out.headers['location']], [303, '/login']);
  assert.equal((await ask('/api/decisions', { headers })).status, 401);
  assert.equal(
    said.some((line) => line.includes(secret)),
    false,
  );
});

test('a wrong token is refused, and told without what was tried', async (t) => {
  const { ask, signIn, said } = await openPage(t);
  const answer = await signIn('guess-guess-guess', '/?q="><script>');
  assert.equal(answer.status, 401);
  assert.equal(answer.headers['set-cookie'], undefined);
  assert.ok(!answer.text.includes('<script>'));
  for (const authorization of ['Bearer guess', `Bearer ${secret}x`, `Basic ${secret}`, secret, 'Bearer']) {
    assert.equal((await ask('/api/status', { headers: { authorization } })).status, 401, authorization);
  }
  assert.ok(said.some((line) => line.includes('wrong token')));
  assert.ok(!said.join('\n').includes('guess'));
});

test('many wrong tokens at once are not all compared', async (t) => {
  const { ask, signIn } = await openPage(t, { wrongTokenMs: 200 });
  const answers = await Promise.all(Array.from({ length: 30 }, () => signIn('guess-guess-guess')));
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.includes(401) && statuses.includes(429), statuses.join());
  assert.equal((await ask('/api/status', { headers: bearer })).status, 200);
});

test('after a sign-in there is no way to another site', async (t) => {
  const { signIn } = await openPage(t);
  for (const next of [
    '//evil.example.com',
    'https://evil.example.com/?x',
    '/\\evil.example.com',
    '/login?next=/',
    '/?\r\nx: y',
    'javascript:alert(1)',
    '/@evil',
  ]) {
    const { headers } = await signIn(secret, next);
    assert.match(String(headers['location']), /^\/(?:\?[!-~]*)?$/, next);
  }
});

test('forms of other sites are refused', async (t) => {
  const { ask, page } = await openPage(t);
  const body = new URLSearchParams({ token: secret }).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const own = `https://127.0.0.1:${page.address.port}`;
  for (const [headers, status] of [
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example.com' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: own }, 303],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, 303],
    [{}, 303],
  ] as const) {
    assert.equal(
      (await ask('/login', { method: 'POST', headers: { ...type, ...headers }, body })).status,
      status,
      JSON.stringify(headers),
    );
  }
  assert.equal((await ask('/logout', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
  assert.equal(
    (await ask('/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status,
    400,
  );
  assert.equal((await ask('/login', { method: 'POST', headers: formHeaders, body: 'x'.repeat(5000) })).status, 413);
});

test('the API: lists, one decision whole, and the state of the server', async (t) => {
  const { page, ask, written } = await openPage(t);
  const hostile = { ...deny, namespace: 'shop', name: '</script>\u2028', outcome: 'error' };
  page.records.add(deny);
  page.records.add(hostile);
  assert.equal(written.length, 2);
  const list = await ask('/api/decisions?limit=1', { headers: bearer });
  const { decisions, next, total } = list.body as {
    decisions: { id: string; name: string }[];
    next: string;
    total: number;
  };
  assert.deepEqual([decisions.length, decisions[0]?.name, next, total], [1, hostile.name, decisions[0]?.id, 2]);
  const one = await ask(`/api/decisions/${decisions[0]?.id}`, { headers: bearer });
  assert.deepEqual(one.body, { id: decisions[0]?.id, record: hostile });
  for (const [path, status] of [
    ['/api/decisions?limit=1000', 400],
    ['/api/decisions?before=00000000-1', 400],
    ['/api/decisions/00000000-1', 404],
    ['/api/decisions/', 404],
    ['/api/', 404],
    ['/nothing', 404],
    [`/?${'x'.repeat(5000)}`, 414],
  ] as const) {
    assert.equal((await ask(path, { headers: bearer })).status, status, path);
  }
  const status = (await ask('/api/status', { headers: bearer })).body as {
    version: string;
    policy: { name: string; hash: string };
    counts: readonly object[];
    works: readonly { problem: string | null }[];
  };
  assert.deepEqual([status.version, status.policy.name, status.policy.hash], ['1.2.3', 'door', '123456789abc']);
  assert.deepEqual(status.counts, [
    { route: 'imageReview', outcome: 'deny', count: 1 },
    { route: 'imageReview', outcome: 'error', count: 1 },
  ]);
  assert.equal(status.works.length, 6);
});

test('nothing can be changed, and every answer is for this page alone', async (t) => {
  const { ask } = await openPage(t);
  for (const path of ['/', '/api/decisions', '/api/status', '/nothing', '/page.js']) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await ask(path, { method, headers: { ...bearer, 'content-length': '2' }, body: '{}' });
      assert.deepEqual([answer.status, answer.headers['allow']], [405, 'GET, HEAD'], `${method} ${path}`);
    }
  }
  assert.equal((await ask('/logout')).status, 405);
  const head = await ask('/', { method: 'HEAD', headers: bearer });
  assert.deepEqual([head.status, head.text], [200, '']);
  for (const path of ['/', '/login', '/api/status', '/nothing', '/page.js']) {
    const { headers } = await ask(path, { headers: bearer });
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

test('another token in its file ends sessions; a broken one changes nothing', async (t) => {
  const { page, ask, signIn, folder } = await openPage(t);
  const headers = { cookie: cookieOf(await signIn()) };
  writeFileSync(join(folder, 'token'), 'short');
  await page.reload();
  assert.equal((await ask('/api/status', { headers })).status, 200);
  const status = (await ask('/api/status', { headers })).body as {
    works: readonly { what: string; problem: string | null }[];
  };
  assert.match(status.works.find(({ what }) => what === 'the token of the page')?.problem ?? '', /fewer than 16/);
  writeFileSync(join(folder, 'token'), `${secret}\nand a second line`);
  await page.reload();
  assert.equal((await ask('/api/status', { headers })).status, 200);
  writeFileSync(join(folder, 'token'), 'fedcba9876543210');
  await page.reload();
  assert.equal((await ask('/api/status', { headers })).status, 401);
  assert.equal((await ask('/api/status', { headers: bearer })).status, 401);
  assert.equal((await signIn('fedcba9876543210')).status, 303);
});

test('a client certificate does instead of a token', async (t) => {
  const { ask, signIn, authority } = await openPage(t, {
    clientCa: true,
    tokenPath: undefined,
    clientNames: new Set(['operator']),
  });
  const operator = await authority.issue({ names: [], client: true, commonName: 'operator' });
  const other = await authority.issue({ names: [], client: true, commonName: 'kubelet' });
  const foreign = await (await makeAuthority('other')).issue({ names: [], client: true, commonName: 'operator' });
  assert.deepEqual((await ask('/api/session', { client: operator })).body, {
    signedIn: true,
    by: 'certificate',
    name: 'operator',
  });
  assert.equal((await ask('/', { client: operator })).status, 200);
  assert.equal((await ask('/api/status', { client: other })).status, 401);
  assert.equal((await ask('/api/status', { client: foreign })).status, 401);
  assert.equal((await ask('/api/status', { headers: bearer })).status, 401);
  assert.equal((await signIn()).status, 403);
});

test('authorities that are replaced vouch for nobody any more, on open connections neither', async (t) => {
  const { page, folder, authority, ask } = await openPage(t, { clientCa: true });
  const client = await authority.issue({ names: [], client: true, commonName: 'operator' });
  const connection = connect({ host: '127.0.0.1', port: page.address.port, ca: authority.pem, ...client });
  connection.on('error', () => {});
  connection.write('GET /api/session HTTP/1.1\r\nHost: page\r\n\r\n');
  const [answer] = (await once(connection, 'data')) as [Buffer];
  assert.match(answer.toString(), /"signedIn":true/);
  const ended = once(connection, 'close');
  writeFileSync(join(folder, 'ca.crt'), (await makeAuthority('others')).pem);
  await page.reload();
  await ended;
  assert.deepEqual((await ask('/api/session', { client })).body, { signedIn: false });
});

test('its certificate is read again, and nothing is told without TLS', async (t) => {
  const { page, folder, ask } = await openPage(t);
  const renewed = await makeAuthority('renewed');
  const issued = await renewed.issue({ names: ['127.0.0.1'] });
  writeFileSync(join(folder, 'server.crt'), issued.cert);
  writeFileSync(join(folder, 'server.key'), issued.key);
  await page.reload();
  await assert.rejects(
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: page.address.port, ca: renewed.pem, agent: false }, resolve)
        .on('error', reject)
        .end();
    }).then(() => Promise.reject(new Error('answered'))),
    /answered/,
  );
  await assert.rejects(ask('/', { client: issued }));
  await assert.rejects(
    new Promise((resolve, reject) => {
      plainRequest({ host: '127.0.0.1', port: page.address.port, agent: false }, resolve).on('error', reject).end();
    }),
  );
});

test('a page that fails does not touch what is recorded', async (t) => {
  const { page, written, said } = await openPage(t);
  const circular: Record<string, unknown> = { route: 'imageReview' };
  circular['self'] = circular;
  page.records.add(circular);
  page.records.add(circular);
  assert.equal(written.length, 2);
  assert.equal(said.filter((line) => line.includes('misses a decision')).length, 1);
});

test('what it cannot start with is told', async (t) => {
  const { page, folder } = await openPage(t);
  await assert.rejects(openPage(t, { tokenPath: join(folder, 'none') }), { code: 'INVALID_PAGE_TOKEN' });
  await assert.rejects(openPage(t, { address: page.address }), { code: 'CANNOT_LISTEN' });
});
