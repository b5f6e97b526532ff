import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import test from 'node:test';
import {
  allowedBy,
  imageReviewOf,
  openAskingDoor,
  podReviewOf,
  type DoorAnswer,
} from '../../test/support/asking-door.js';
import { startServer, startSockets } from '../../test/support/http-server.js';
import { breakGlassKey, readTicketKey, writeTicket } from '../admission/index.js';

const policyFor = (url: string, more = ''): string => `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: known, registries: {allow: [docker.io/library, registry.example.com]}}
  - {name: engine, opa: {url: "${url}"${more}}}
`;

const says =
  (result: unknown): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ result })));
  };

const both = [
  ['/image-policy', imageReviewOf],
  ['/validate', podReviewOf],
] as const;

test('what OPA refuses is refused with its reason, by either protocol; what it allows is allowed', async (t) => {
  const inputs: Readonly<Record<string, unknown>>[] = [];
  const { origin } = await startServer(t, (request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { input } = JSON.parse(body) as { input: { images: { name: string }[] } & Record<string, unknown> };
      inputs.push(input);
      const bad = input.images.filter(({ name }) => name.includes('redis')).map(({ name }) => `${name} is not for us`);
      response.end(JSON.stringify({ result: { deny: bad, warn: ['a word of warning'] } }));
    });
  });
  const door = await openAskingDoor(t, { policy: policyFor(`${origin}/v1/data/image_admission`) });
  for (const [path, review] of both) {
    const refused = await door.ask(path, review(['nginx', 'redis:7']));
    assert.equal(refused.status, 200);
    assert.equal(allowedBy(refused), false);
    assert.match(refused.text, /redis:7 is not for us/);
    assert.equal(allowedBy(await door.ask(path, review(['nginx']))), true);
  }
  assert.match((await door.ask('/validate', podReviewOf(['nginx']))).text, /"warnings":\["[^"]*a word of warning/);
  const pod = inputs.find(({ request }) => request !== undefined);
  assert.deepEqual(
    [pod?.['apiVersion'], pod?.['kind'], pod?.['rule'], pod?.['namespace']],
    ['tidewaiter.dev/v1', 'PolicyInput', 'engine', 'shop'],
  );
  const before = inputs.length;
  assert.equal(allowedBy(await door.ask('/image-policy', imageReviewOf(['quay.io/evil/x']))), false);
  assert.equal(inputs.length, before, 'what is refused already is not asked about');
  assert.match((await door.ask('/metrics', undefined, 'GET')).text, /opa_requests_total\{result="answered"\} 5/);
  assert.match((await door.ask('/readyz', undefined, 'GET')).text, /\[\+\] OPA: ok/);
});

test('every fault of OPA is a refusal in time, with status 200, that is recorded', async (t) => {
  const hung = await startSockets(t, (socket) => void socket.resume());
  const gone = await startServer(t, says(true));
  gone.server.close();
  const faulty = await startServer(t, (request, response) => {
    request.resume();
    response.on('error', () => {});
    const at = request.url ?? '';
    if (at.includes('/unauthorized')) response.writeHead(401).end('{"code":"unauthorized","message":"rejected"}');
    else if (at.includes('/garbage')) response.end('<html>');
    else if (at.includes('/undefined')) response.end('{}');
    else if (at.includes('/warned')) response.end('{"result":true,"warning":{"message":"no input"}}');
    else if (at.includes('/huge')) response.end(`{"result":["${'x'.repeat(3_000_000)}"]}`);
    else if (at.includes('/cut'))
      response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy());
    else if (at.includes('/moved')) response.writeHead(302, { location: '/v1/data/allow' }).end();
    else setTimeout(() => response.end('{"result":true}'), 2000).unref();
  });
  const urls = [
    `http://127.0.0.1:${hung}/v1/data/a`,
    `${gone.origin}/v1/data/a`,
    ...['unauthorized', 'garbage', 'undefined', 'warned', 'huge', 'cut', 'moved', 'late'].map(
      (name) => `${faulty.origin}/v1/data/${name}`,
    ),
  ];
  await Promise.all(
    urls.map(async (url) => {
      const door = await openAskingDoor(t, { policy: policyFor(url, ', timeout: 300ms'), decisionMs: 1000 });
      for (const [path, review] of both) {
        const answer = await door.ask(path, review(['nginx']));
        assert.equal(answer.status, 200, url);
        assert.equal(allowedBy(answer), false, url);
        assert.match(answer.text, /OPA/, url);
      }
      assert.equal(door.records.length, 2);
      for (const record of door.records) {
        assert.equal(record['outcome'], 'incomplete');
        assert.match(JSON.stringify(record['denied']), /"code":"OPA_UNAVAILABLE"/);
      }
      assert.match((await door.ask('/readyz', undefined, 'GET')).text, /\[!\] OPA: /);
    }),
  );
});

test('an engine that hangs under load: every review is answered and recorded, and afterwards all is well', async (t) => {
  let hangs = true;
  const { origin } = await startServer(t, (request, response) => {
    if (hangs) request.resume();
    else says({ allow: true })(request, response);
  });
  const door = await openAskingDoor(t, {
    policy: policyFor(`${origin}/v1/data/a`, ', timeout: 200ms'),
    decisionMs: 2000,
  });
  const wave = async (): Promise<readonly DoorAnswer[]> =>
    await Promise.all(Array.from({ length: 400 }, () => door.ask('/image-policy', imageReviewOf(['nginx']))));
  const hungAnswers = [...(await wave()), ...(await wave())];
  assert.ok(hungAnswers.every((answer) => answer.status === 200 && !allowedBy(answer)));
  hangs = false;
  const answers = await wave();
  assert.ok(answers.every(({ status }) => status === 200));
  assert.ok(allowedBy(await door.ask('/image-policy', imageReviewOf(['nginx']))));
  assert.equal(door.records.length, 1201);
});

test('the policy may let through what no engine answers for, and an audit rule never denies', async (t) => {
  const gone = await startServer(t, says(true));
  gone.server.close();
  const url = `${gone.origin}/v1/data/a`;
  const lenient = await openAskingDoor(t, {
    policy: `${policyFor(url)}incomplete: {codes: {OPA_UNAVAILABLE: warn}}\n`,
  });
  assert.equal(allowedBy(await lenient.ask('/validate', podReviewOf(['nginx']))), true);
  const audited = await openAskingDoor(t, {
    policy: policyFor(url).replace('name: engine,', 'name: engine, action: audit,'),
  });
  assert.equal(allowedBy(await audited.ask('/image-policy', imageReviewOf(['nginx']))), true);
});

test('who holds a ticket does not wait for OPA; a question of a policy engine needs no ticket', async (t) => {
  const hung = await startSockets(t, (socket) => void socket.resume());
  const key = readTicketKey(new TextEncoder().encode('a secret of the test, longer than 32 bytes'), 'key');
  const door = await openAskingDoor(t, {
    policy: policyFor(`http://127.0.0.1:${hung}/v1/data/a`, ', timeout: 300ms'),
    breakGlass: { prefix: 'test', keys: [key] },
  });
  const ticket = writeTicket(
    {
      id: 't1',
      namespaces: ['shop'],
      images: ['docker.io/library/nginx'],
      issuer: 'ann',
      reason: 'INC-1',
      issuedAt: new Date(Date.now() - 60_000),
      expiresAt: new Date(Date.now() + 60_000),
    },
    key,
  );
  const review = podReviewOf(['nginx:1']) as { request: { object: { metadata: object } } };
  review.request.object.metadata = { name: 'p', annotations: { [breakGlassKey('test')]: ticket } };
  assert.equal(allowedBy(await door.ask('/validate', review)), true);
  assert.equal(door.records.at(-1)?.['outcome'], 'break-glass');
  assert.doesNotMatch((await door.ask('/metrics', undefined, 'GET')).text, /opa_requests_total\{/);
  const asked = await door.ask('/v1/data/image_admission', { input: review });
  assert.deepEqual([asked.status, allowedBy(asked)], [200, false]);
});
