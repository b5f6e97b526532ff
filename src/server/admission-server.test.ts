import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { makeAuthority, type Authority, type IssuedCertificate } from '../../test/support/certificates.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { breakGlassKey, readTicketKey, ScanDesk, writeTicket, type BreakGlass } from '../admission/index.js';
import { parsePolicy, type ScanFacts } from '../policy/index.js';
import type { Digest } from '../reference/index.js';
import {
  AdmissionMetrics,
  readTlsFiles,
  RecordLog,
  serveAdmission,
  Watched,
  type AdmissionServer,
  type AdmissionServerOptions,
  type NamedPolicy,
  type ScanService,
} from './index.js';

const trusted = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - name: trusted
    registries: {allow: [registry.example.com]}
`;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Door {
  readonly server: AdmissionServer;
  readonly folder: string;
  readonly authority: Authority;
  readonly client: IssuedCertificate;
  readonly ticketKey: string;
  readonly said: string[];
  readonly ask: (path: string, body?: string | AsyncIterable<string>, how?: How) => Promise<Answer>;
  readonly records: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

interface How {
  readonly method?: string;
  readonly client?: IssuedCertificate | undefined;
  readonly servername?: string;
  readonly ca?: string;
}

type Overrides = Partial<
  Pick<AdmissionServerOptions, 'clients' | 'decisionMs' | 'maxBodyBytes' | 'exemptNamespaces'>
> & {
  readonly policy?: string;
  readonly scans?: ScanService;
};

async function openDoor(t: TestContext, overrides: Overrides = {}): Promise<Door> {
  const { policy = trusted, ...rest } = overrides;
  const folder = temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  const authority = await makeAuthority('admission');
  const issued = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const client = await authority.issue({ names: [], client: true, commonName: 'kube-apiserver' });
  const pair = generateKeyPairSync('ed25519');
  writeFileSync(path('ticket.pub'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(path('policy.yaml'), policy);
  writeFileSync(path('server.crt'), issued.cert);
  writeFileSync(path('server.key'), issued.key);
  writeFileSync(path('ca.crt'), authority.pem);
  const said: string[] = [];
  const log = (_: string, message: string): void => void said.push(message);
  const files = { certificate: path('server.crt'), key: path('server.key'), clientAuthorities: path('ca.crt') };
  const records = await RecordLog.open({ path: path('log'), complain: (message) => said.push(message) });
  const server = await serveAdmission({
    address: { host: '127.0.0.1', port: 0 },
    tls: await Watched.open({
      what: 'the certificates',
      paths: Object.values(files),
      load: () => readTlsFiles(files),
      log,
    }),
    policy: await Watched.open<NamedPolicy>({
      what: 'the policy',
      paths: [path('policy.yaml')],
      load: () =>
        Promise.resolve({ policy: parsePolicy(readFileSync(path('policy.yaml'), 'utf8'), 'policy'), name: 'door' }),
      log,
    }),
    breakGlass: await Watched.open<BreakGlass>({
      what: 'the keys of tickets',
      paths: [path('ticket.pub')],
      load: () =>
        Promise.resolve({ prefix: 'test', keys: [readTicketKey(readFileSync(path('ticket.pub')), 'ticket.pub')] }),
      log,
    }),
    exemptNamespaces: new Set(),
    clients: {
      imageReview: { required: true, names: new Set(['kube-apiserver']) },
      admissionReview: { required: false, names: new Set(['kube-apiserver']) },
    },
    records,
    decisionMs: 5000,
    maxBodyBytes: 100_000,
    log,
    metrics: new AdmissionMetrics(),
    pollMs: 20,
    ...rest,
  });
  const agent = new Agent({ keepAlive: true });
  t.after(async () => {
    agent.destroy();
    await server.close({ announceMs: 0, graceMs: 100 });
    await records.close();
  });
  return {
    server,
    folder,
    authority,
    client,
    ticketKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    said,
    ask: (at, body, how = {}) => sendRequest({ agent, port: server.address.port, authority, client, at }, body, how),
    async records() {
      await records.reopen();
      const lines = readFileSync(path('log'), 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    },
  };
}

interface Asked {
  readonly agent: Agent;
  readonly port: number;
  readonly authority: Authority;
  readonly client: IssuedCertificate;
  readonly at: string;
}

function sendRequest(asked: Asked, body: string | AsyncIterable<string> | undefined, how: How): Promise<Answer> {
  const { method = 'POST', ca = asked.authority.pem } = how;
  const client = 'client' in how ? how.client : asked.client;
  const shown = client ? { cert: client.cert, key: client.key } : {};
  const { agent, port, at: path } = asked;
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, path, method, ca, ...shown }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, text: Buffer.concat(pieces).toString('utf8'), headers });
      });
    });
    sent.on('error', reject);
    void (async () => {
      if (body !== undefined && typeof body !== 'string') for await (const piece of body) sent.write(piece);
      sent.end(typeof body === 'string' ? body : undefined);
    })();
  });
}

const imageReview = (image: string, annotations: object = {}, namespace = 'shop'): string =>
  JSON.stringify({
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    metadata: {},
    spec: { containers: [{ image }], annotations, namespace },
    status: { allowed: false },
  });

const admissionReview = (image: string, more: object = {}, annotations: object = {}): string =>
  JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'uid-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: { username: 'jane' },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', annotations },
        spec: { containers: [{ name: 'a', image }] },
      },
      ...more,
    },
  });

const isAllowed = ({ text }: Answer): boolean => text.includes('"allowed":true');

void test('decisions, and what is no decision', async (t) => {
  const { ask, records } = await openDoor(t);
  const good = 'registry.example.com/app:1';
  const allowed = await ask('/image-policy?timeout=30s&x=1', imageReview(good));
  assert.deepEqual([allowed.status, allowed.headers['content-type']], [200, 'application/json']);
  assert.ok(isAllowed(allowed));
  assert.ok(isAllowed(await ask('/validate?timeout=10s', admissionReview(good))));
  const denied = JSON.parse((await ask('/validate', admissionReview('nginx'))).text) as {
    readonly response: { readonly uid: string; readonly status: { readonly code: number; readonly message: string } };
  };
  assert.deepEqual([denied.response.uid, denied.response.status.code], ['uid-1', 403]);
  assert.match(denied.response.status.message, /^nginx \(container a\): .*\[trusted\]/);
  const faults: readonly (readonly [string, string, number, RegExp])[] = [
    ['/image-policy', '', 200, /the body is empty/],
    ['/image-policy', '{"kind":', 200, /not valid JSON/],
    ['/image-policy', '[]', 200, /no ImageReview/],
    ['/image-policy', admissionReview(good), 200, /no ImageReview/],
    ['/image-policy', imageReview(good).replace('[{', '[7,{'), 200, /containers\[0\] is no object/],
    ['/image-policy', '['.repeat(50_000), 200, /nested deeper/],
    ['/validate', imageReview(good), 400, /no AdmissionReview/],
    ['/validate', '{}', 400, /no AdmissionReview/],
    ['/validate', admissionReview(good).slice(0, -20), 200, /"uid":"uid-1".*not valid JSON/],
    ['/validate', admissionReview(good).replace('"CREATE"', '"PATCH"'), 200, /"uid":"uid-1".*operation/],
    ['/validate', admissionReview(good, { object: null }), 200, /"uid":"uid-1".*no object/],
    ['/validate', admissionReview('x'.repeat(150_000)), 200, /"uid":"uid-1".*more than 100000 bytes/],
    ['/other', '{}', 404, /\/image-policy/],
  ];
  for (const [path, body, status, text] of faults) {
    const answer = await ask(path, body);
    assert.equal(answer.status, status, `${path} ${body.slice(0, 80)}: ${answer.text}`);
    assert.match(answer.text, text);
    assert.ok(!isAllowed(answer));
    assert.equal(answer.headers['retry-after'], undefined);
  }
  assert.equal((await ask('/validate', undefined, { method: 'GET' })).status, 405);
  assert.equal((await ask('/healthz', undefined, { method: 'GET', client: undefined })).text, 'ok\n');
  assert.match((await ask('/metrics', undefined, { method: 'GET' })).text, /decisions_total\{route="imageReview"/);
  const all = await records();
  assert.ok(all.length >= 14);
  assert.deepEqual(
    [all[0]?.['client'], all[0]?.['allowed'], all[1]?.['user'], all[1]?.['resource']],
    ['kube-apiserver', true, 'jane', 'pods'],
  );
});

void test('a body that is late, or too large to be kept, is refused to its uid and in time', async (t) => {
  const { ask } = await openDoor(t, { maxBodyBytes: 10_000 });
  const whole = admissionReview('registry.example.com/app:1');
  const slow = async function* (): AsyncIterable<string> {
    yield whole.slice(0, 200);
    await new Promise((resolve) => setTimeout(resolve, 700));
    yield whole.slice(200);
  };
  const late = await ask('/validate?timeout=250ms', slow());
  assert.equal(late.status, 200);
  assert.match(late.text, /"uid":"uid-1".*did not arrive in time/);
  const large = async function* (): AsyncIterable<string> {
    yield whole.slice(0, -3);
    for (let nth = 0; nth < 260; nth++) {
      yield ' '.repeat(100_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield whole.slice(-3);
  };
  const refused = await ask('/validate?timeout=30s', large());
  assert.equal(refused.status, 200);
  assert.match(refused.text, /"uid":"uid-1".*more than 10000 bytes/);
});

void test('who is answered', async (t) => {
  const { ask, authority } = await openDoor(t);
  const review = imageReview('registry.example.com/app:1');
  const foreign = await (await makeAuthority('another')).issue({
    names: [],
    client: true,
    commonName: 'kube-apiserver',
  });
  const unlisted = await authority.issue({ names: [], client: true, commonName: 'somebody' });
  const expired = await authority.issue({ names: [], client: true, commonName: 'kube-apiserver', expired: true });
  for (const client of [undefined, foreign, unlisted, expired]) {
    const answer = await ask('/image-policy', review, { client });
    assert.deepEqual([answer.status, isAllowed(answer)], [200, false]);
  }
  const pod = admissionReview('registry.example.com/app:1');
  assert.ok(isAllowed(await ask('/validate', pod, { client: undefined })), 'most API servers show none here');
  assert.ok(!isAllowed(await ask('/validate', pod, { client: foreign })));
  assert.ok(!isAllowed(await ask('/validate', pod, { client: unlisted })));
});

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('it did not come to that');
}

function replace(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, `${name}.new`), text);
  renameSync(join(folder, `${name}.new`), join(folder, name));
}

void test('files that change, and files that break', async (t) => {
  const { ask, folder, said, authority, server } = await openDoor(t);
  const review = imageReview('nginx');
  assert.ok(!isAllowed(await ask('/image-policy', review)));
  replace(folder, 'policy.yaml', 'rules: [');
  await until(() => said.some((line) => line.includes('the policy cannot be used')));
  const ready = await ask('/readyz', undefined, { method: 'GET' });
  assert.equal(ready.status, 200);
  assert.match(ready.text, /\[!\] the policy: /);
  assert.ok(!isAllowed(await ask('/image-policy', review)), 'the one before stays');
  replace(folder, 'policy.yaml', trusted.replace('registry.example.com', 'docker.io'));
  await until(async () => isAllowed(await ask('/image-policy', review)));
  assert.match((await ask('/readyz', undefined, { method: 'GET' })).text, /\[\+\] the policy: ok/);
  replace(folder, 'server.crt', 'nonsense');
  await until(() => said.some((line) => line.includes('the certificates cannot be used')));
  assert.ok(isAllowed(await ask('/image-policy', review)));
  const other = await makeAuthority('next');
  const issued = await other.issue({ names: ['127.0.0.1'] });
  replace(folder, 'server.crt', issued.cert);
  replace(folder, 'server.key', issued.key);
  replace(folder, 'ca.crt', authority.pem + other.pem);
  await server.reload();
  const { port } = server.address;
  const agent = new Agent();
  const client = await other.issue({ names: [], client: true, commonName: 'kube-apiserver' });
  const fresh = await sendRequest({ agent, port, authority: other, client, at: '/image-policy' }, review, {});
  assert.ok(isAllowed(fresh));
});

void test('a ticket lets through what it covers, and everybody sees it', async (t) => {
  const { ask, ticketKey, records } = await openDoor(t);
  const key = readTicketKey(new TextEncoder().encode(ticketKey), 'ticket.pem');
  const ticket = (more: object = {}): string =>
    writeTicket(
      {
        id: 't1',
        namespaces: ['shop'],
        images: ['docker.io/library/nginx'],
        issuer: 'ann',
        reason: 'INC-1',
        issuedAt: new Date(Date.now() - 60_000),
        expiresAt: new Date(Date.now() + 60_000),
        ...more,
      },
      key,
    );
  const shown = (text: string): object => ({ [breakGlassKey('test')]: text });
  const used = await ask('/validate', admissionReview('nginx', {}, shown(ticket())));
  assert.ok(isAllowed(used), used.text);
  assert.match(used.text, /"warnings":\["tidewaiter: let through by break-glass ticket t1 of ann/);
  assert.match(used.text, /"break-glass":"ticket t1 of ann/);
  assert.ok(isAllowed(await ask('/image-policy', imageReview('nginx', shown(ticket())))));
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['nginx', 'true', /it is no ticket/],
    ['nginx', `${ticket().slice(0, -4)}AAAA`, /signature/],
    ['nginx', ticket({ namespaces: ['other'] }), /another namespace/],
    ['busybox', ticket(), /does not cover/],
    ['nginx', ticket({ issuedAt: new Date(Date.now() - 9e6), expiresAt: new Date(Date.now() - 1000) }), /expired/],
  ];
  for (const [image, text, why] of refused) {
    const answer = await ask('/image-policy', imageReview(image, shown(text)));
    assert.ok(!isAllowed(answer));
    assert.match(answer.text, why);
  }
  const metrics = await ask('/metrics', undefined, { method: 'GET' });
  assert.match(metrics.text, /break_glass_total 2\n/);
  const recorded = await records();
  assert.equal(recorded.filter(({ breakGlass }) => breakGlass !== undefined).length, 2);
  assert.ok(!recorded.some((record) => JSON.stringify(record).includes('twt1.')), 'no ticket is in the log');
});

const clean: ScanFacts = {
  scannedAt: new Date().toISOString(),
  databaseUpdatedAt: new Date().toISOString(),
  findings: [],
  unknowns: [],
};

void test('unknown images: one scan for all who ask, and an answer in time', async (t) => {
  let scans = 0;
  let end = (): void => {};
  const gate = new Promise<void>((resolve) => (end = resolve));
  const desk = new ScanDesk({
    resolve: () => Promise.resolve<Digest>(`sha256:${'a'.repeat(64)}`),
    async scan() {
      scans++;
      await gate;
      return clean;
    },
    edition: () => '1',
    clock: () => performance.now(),
    scansAtOnce: 1,
    scansWaiting: 10,
  });
  const service: ScanService = {
    source: desk,
    busy: () => desk.busy,
    refresh: () => Promise.resolve(),
    problem: () => undefined,
    close: () => Promise.resolve(),
  };
  const rule = `${trusted}  - {name: clean, vulnerabilities: {severity: HIGH}}\n`;
  const { ask } = await openDoor(t, { policy: rule, scans: service });
  const body = admissionReview('registry.example.com/app:1');
  const early = await Promise.all(Array.from({ length: 20 }, () => ask('/validate?timeout=300ms', body)));
  for (const answer of early) {
    assert.equal(answer.status, 200);
    assert.match(answer.text, /"allowed":false.*being scanned/);
  }
  const foreign = await ask('/validate', admissionReview('evil.example/x'));
  assert.match(foreign.text, /\[trusted\]/);
  end();
  await until(async () => isAllowed(await ask('/validate', body)));
  assert.equal(scans, 1, 'nor was the registry asked that is not trusted');
});

void test('HTTP/2, where it is offered', async (t) => {
  const { server, authority, client } = await openDoor(t);
  const send = async (shown: object, bodies: readonly string[]): Promise<readonly string[]> => {
    const url = `https://127.0.0.1:${server.address.port}`;
    const session = connect(url, { ca: authority.pem, ...shown });
    try {
      const one = async (body: string): Promise<string> => {
        const stream = session.request({ ':method': 'POST', ':path': '/image-policy?timeout=30s' });
        stream.setEncoding('utf8');
        stream.end(body);
        let text = '';
        for await (const piece of stream) text += String(piece);
        return text;
      };
      return await Promise.all(bodies.map(one));
    } finally {
      session.close();
    }
  };
  const good = imageReview('registry.example.com/app:1');
  const texts = await send({ cert: client.cert, key: client.key }, [good, imageReview('nginx'), good, '']);
  assert.deepEqual(
    texts.map((text) => text.includes('"allowed":true')),
    [true, false, true, false],
  );
  const [refused = ''] = await send({}, [good]);
  assert.match(refused, /showed no client certificate/);
});

void test('the end: not ready first, then what is under way ends', async (t) => {
  const { ask, server } = await openDoor(t);
  const whole = admissionReview('registry.example.com/app:1');
  const slow = async function* (): AsyncIterable<string> {
    yield whole.slice(0, 100);
    await new Promise((resolve) => setTimeout(resolve, 300));
    yield whole.slice(100);
  };
  const underWay = ask('/validate', slow());
  await new Promise((resolve) => setTimeout(resolve, 100));
  const closing = server.close({ announceMs: 100, graceMs: 5000 });
  const ready = await ask('/readyz', undefined, { method: 'GET' });
  assert.equal(ready.status, 503);
  assert.ok(isAllowed(await underWay));
  await closing;
  await assert.rejects(ask('/readyz', undefined, { method: 'GET' }));
});
