import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import test, { type TestContext } from 'node:test';
import { startServer } from '../../test/support/http-server.js';
import { createContext } from '../core/index.js';
import { createHttpClient } from '../http/index.js';
import { FaultList } from './fault.js';
import { askLive, type LiveAnswer, type ReviewProtocol } from './live.js';

interface Request {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: { readonly containers: readonly { readonly image: string }[] };
  readonly request?: { readonly uid: string; readonly dryRun: boolean };
}

type Answer = (request: Request) => string | object;

const answering =
  (answer: Answer, status = 200, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (request, response) => {
    void reply(request, response, { answer, status, headers });
  };

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  {
    answer,
    status,
    headers,
  }: { readonly answer: Answer; readonly status: number; readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  const body = answer(JSON.parse(text) as Request);
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function ask(
  t: TestContext,
  listener: RequestListener,
  options: { readonly protocol?: ReviewProtocol; readonly expected?: 'allowed' | 'denied' } = {},
): Promise<{ readonly answer: LiveAnswer; readonly ids: readonly string[] }> {
  const server = await startServer(t, listener);
  const client = createHttpClient({ userAgent: 'test' });
  const faults = new FaultList();
  const answer = await askLive(
    createContext(),
    client,
    {
      protocol: options.protocol ?? 'ImageReview',
      url: new URL(`${server.origin}/review`),
      place: { file: '/kc.yaml', line: 1 },
      image: 'example.com/a:1',
      namespace: 'default',
      expected: options.expected,
      timeoutSeconds: 5,
    },
    faults,
  );
  await client.close();
  return { answer, ids: faults.sorted().map(({ id }) => id) };
}

const image = (status: unknown, more: object = {}): object => ({
  apiVersion: 'imagepolicy.k8s.io/v1alpha1',
  kind: 'ImageReview',
  status,
  ...more,
});

test('answers to an ImageReview', async (t) => {
  const cases: readonly (readonly [string | object, LiveAnswer['verdict'], readonly string[]])[] = [
    [image({ allowed: true }), 'allowed', []],
    [image({ allowed: false, reason: 'no' }), 'denied', []],
    [image({ allowed: false }), 'denied', ['live-no-reason']],
    [image({}), 'denied', ['live-no-reason']],
    [{}, 'denied', ['live-no-reason']],
    [image({ Allowed: true }), 'denied', ['live-no-reason']],
    [{ status: { allowed: true } }, 'allowed', []],
    [image({ allowed: true }, { unknown: 1 }), 'allowed', []],
    [image({ allowed: 'true' }), undefined, ['live-answer-invalid']],
    [image({ allowed: true }, { apiVersion: 'imagepolicy.k8s.io/v1' }), undefined, ['live-answer-invalid']],
    [image({ allowed: true }, { kind: 'AdmissionReview' }), undefined, ['live-answer-invalid']],
    ['', undefined, ['live-answer-invalid']],
    ['yes', undefined, ['live-answer-invalid']],
    ['[]', undefined, ['live-answer-invalid']],
  ];
  for (const [body, verdict, ids] of cases) {
    const told = await ask(
      t,
      answering(() => body),
    );
    assert.equal(told.answer.verdict, verdict, JSON.stringify(body));
    assert.deepEqual(told.ids, ids, JSON.stringify(body));
  }
});

test('answers to an AdmissionReview', async (t) => {
  const review =
    (response: object, more: object = {}): Answer =>
    ({ request }) => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request?.uid, ...response },
      ...more,
    });
  const no = { allowed: false, status: { code: 403, message: 'no' } };
  const cases: readonly (readonly [Answer, LiveAnswer['verdict'], readonly string[]])[] = [
    [review({ allowed: true }), 'allowed', []],
    [review(no), 'denied', []],
    [review({ allowed: false, status: { message: 'no' } }), 'denied', ['live-code']],
    [review({ allowed: false }), 'denied', ['live-code', 'live-no-reason']],
    [review({ allowed: true, uid: 'x' }), undefined, ['live-answer-invalid']],
    [review({ allowed: true }, { apiVersion: 'admission.k8s.io/v1beta1' }), undefined, ['live-answer-invalid']],
    [review({ allowed: true }, { apiVersion: undefined }), undefined, ['live-answer-invalid']],
    [review({ allowed: true }, { response: null }), undefined, ['live-answer-invalid']],
    [review({ allowed: true, patchType: 'JSONPatch' }), undefined, ['live-answer-invalid']],
    [review({ allowed: true, patch: '', patchType: null }), 'allowed', []],
    [review({ allowed: 'true' }), undefined, ['live-answer-invalid']],
  ];
  for (const [at, [answer, verdict, ids]] of cases.entries()) {
    const told = await ask(t, answering(answer), { protocol: 'AdmissionReview' });
    assert.equal(told.answer.verdict, verdict, String(at));
    assert.deepEqual(told.ids, ids, String(at));
  }
});

test('what is no answer', async (t) => {
  const yes = (): object => image({ allowed: true });
  const cases: readonly (readonly [RequestListener, readonly string[]])[] = [
    [answering(yes, 403), ['live-status']],
    [answering(yes, 500), ['live-status']],
    [answering(yes, 429), ['live-retry-after', 'live-status']],
    [answering(yes, 503, { 'retry-after': '1' }), ['live-retry-after', 'live-status']],
    [answering(yes, 307, { location: '/other' }), ['live-redirect']],
    [(request) => request.socket.destroy(), ['live-no-answer']],
  ];
  for (const [listener, ids] of cases) {
    const told = await ask(t, listener);
    assert.equal(told.answer.verdict, undefined);
    assert.deepEqual(told.ids, ids);
  }
});

test('a verdict that is not the one that was wanted', async (t) => {
  const allowed = await ask(
    t,
    answering(() => image({ allowed: true })),
    { expected: 'denied' },
  );
  assert.deepEqual(allowed.ids, ['live-deny-allowed']);
  const denied = await ask(
    t,
    answering(() => image({ allowed: false, reason: 'no' })),
    { expected: 'allowed' },
  );
  assert.deepEqual(denied.ids, ['live-allow-denied']);
});

test('what is sent is what the API server sends', async (t) => {
  const seen: Request[] = [];
  const keep: Answer = (request) => {
    seen.push(request);
    return '{}';
  };
  await ask(t, answering(keep));
  await ask(t, answering(keep), { protocol: 'AdmissionReview' });
  assert.deepEqual(seen[0], {
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    metadata: {},
    spec: { containers: [{ image: 'example.com/a:1' }], namespace: 'default' },
    status: { allowed: false },
  });
  assert.equal(seen[1]?.request?.dryRun, true);
});
