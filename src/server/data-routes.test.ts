import assert from 'node:assert/strict';
import test from 'node:test';
import { openAskingDoor, podReviewOf, type AskingDoorOptions } from '../../test/support/asking-door.js';

const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: known, registries: {allow: [docker.io/library, registry.example.com]}}
  - {name: no-latest, action: warn, tags: {deny: [latest]}}
  - {name: pinned, match: {namespaces: [prod]}, digest: true}
  - {name: labelled, match: {labels: {team: shop}}, official: true}
`;

interface Whole {
  readonly allow: boolean;
  readonly deny: readonly string[];
  readonly warn: readonly string[];
}

const result = (body: unknown): Whole => (body as { result: Whole }).result;

test('as OPA is asked: images, one image, or a review', async (t) => {
  const door = await openAskingDoor(t, { policy });
  const at = '/v1/data/image_admission';
  const asks = async (input: unknown): Promise<Whole> => {
    const answer = await door.ask(at, { input });
    assert.equal(answer.status, 200, answer.text);
    return result(answer.body);
  };
  assert.deepEqual(await asks({ images: ['nginx:1.27'] }), { allow: true, deny: [], warn: [] });
  const mixed = await asks({ images: ['nginx', 'quay.io/evil/x:1'] });
  assert.equal(mixed.allow, false);
  assert.equal(mixed.deny.length, 1);
  assert.match(mixed.deny[0] ?? '', /quay\.io\/evil\/x.*\[known\]/);
  assert.match(mixed.warn.join(), /nginx.*\[no-latest\]/);
  assert.equal((await asks({ image: 'quay.io/evil/x' })).allow, false);
  assert.equal((await asks({ images: ['nginx:1'], image: 'quay.io/evil/x' })).allow, false);
  assert.equal((await asks({ images: ['Nginx'] })).allow, false);
  assert.equal((await asks({ images: [''] })).allow, false);
  assert.equal((await asks({ images: ['nginx:1'], namespace: 'prod' })).allow, false);
  assert.equal((await asks({ images: ['nginx:1'], namespace: 'shop' })).allow, true);
  assert.equal((await asks({ image: 'registry.example.com/a:1', labels: { team: 'shop' } })).allow, false);
  assert.equal((await asks(podReviewOf(['nginx:1']))).allow, true);
  assert.equal((await asks(podReviewOf(['nginx:1', 'quay.io/evil/x:1']))).allow, false);
  assert.equal((await asks(podReviewOf(['nginx:1'], 'prod'))).allow, false);

  const input = { images: ['quay.io/evil/x'] };
  assert.deepEqual((await door.ask(`${at}/allow`, { input })).body, { result: false });
  const denied = (await door.ask(`${at}/deny?pretty=true`, { input })).body as { result: string[] };
  assert.match(denied.result.join(), /\[known\]/);
  assert.equal((await door.ask(`${at}/warn/`, { input: { image: 'nginx' } })).text.includes('no-latest'), true);
  const record = door.records.at(-1);
  assert.deepEqual([record?.['route'], record?.['outcome'], record?.['imageCount']], ['opa', 'warn', 1]);
});

test('what is no question is told in the words of OPA, and never with a result', async (t) => {
  const door = await openAskingDoor(t, { policy });
  const bodies: readonly unknown[] = [
    '',
    '{',
    '[]',
    '{}',
    { input: null },
    { input: 'nginx' },
    { input: {} },
    { input: { images: 'nginx' } },
    { input: { images: [1] } },
    { input: { images: [{ image: 'nginx' }] } },
    { input: { images: null } },
    { input: { image: ['nginx'] } },
    { input: { images: ['nginx'], namespace: 1 } },
    { input: { images: ['nginx'], labels: ['a'] } },
    { input: { images: Array.from({ length: 1001 }, () => 'nginx') } },
    { input: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' } },
    { input: { request: {} } },
    { input: { ...podReviewOf(['nginx']), kind: 'Other' } },
    `{"input":${'['.repeat(2000)}${']'.repeat(2000)}}`,
  ];
  for (const body of bodies) {
    const answer = await door.ask('/v1/data/image_admission', body);
    assert.equal(answer.status, 400, JSON.stringify(body).slice(0, 100));
    const told = answer.body as Readonly<Record<string, unknown>>;
    assert.equal(told['code'], 'invalid_parameter');
    assert.equal(typeof told['message'], 'string');
    assert.equal('result' in told, false);
  }
  assert.equal(door.records.length, bodies.length);
  assert.ok(door.records.every(({ outcome, allowed }) => outcome === 'error' && allowed === false));
  assert.equal((await door.ask('/v1/data/image_admission', undefined, 'GET')).status, 405);
  assert.equal((await door.ask('/v1/data/other', { input: { image: 'nginx' } })).status, 404);
  const large = await door.ask('/v1/data/image_admission', { input: { image: 'x'.repeat(2_000_000) } });
  assert.equal(large.status, 200);
  assert.equal(result(large.body).allow, false);
  assert.equal(result(large.body).deny.length, 1);
});

interface Provided {
  readonly kind: string;
  readonly response: {
    readonly systemError: string;
    readonly idempotent: boolean;
    readonly items: readonly {
      readonly key: string;
      readonly value: { readonly allowed: boolean; readonly reasons: readonly string[] };
      readonly error: string;
    }[];
  };
}

const provider = (keys: unknown): object => ({
  apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
  kind: 'ProviderRequest',
  request: { keys },
});

test('as Gatekeeper asks for external data', async (t) => {
  const door = await openAskingDoor(t, { policy });
  const answer = await door.ask('/gatekeeper?timeout=3s', provider(['nginx:1', 'quay.io/evil/x', '', 'nginx:1']));
  assert.equal(answer.status, 200);
  const { kind, response } = answer.body as Provided;
  assert.equal(kind, 'ProviderResponse');
  assert.equal(response.systemError, '');
  assert.equal(response.idempotent, true);
  assert.deepEqual(
    response.items.map(({ key, value, error }) => [key, value.allowed, value.reasons.length > 0, error]),
    [
      ['nginx:1', true, false, ''],
      ['quay.io/evil/x', false, true, ''],
      ['', false, true, ''],
    ],
  );
  assert.equal(door.records.length, 3);
  assert.ok(door.records.every(({ route }) => route === 'gatekeeper'));
  assert.match((await door.ask('/metrics', undefined, 'GET')).text, /route="gatekeeper",allowed="false"/);

  const many = Array.from({ length: 1000 }, (_, at) => `registry.example.com/app${at}:1`);
  const whole = (await door.ask('/gatekeeper', provider(many))).body as Provided;
  assert.equal(whole.response.items.filter(({ value }) => value.allowed).length, 1000);

  for (const body of ['', '{', {}, provider('nginx'), provider([1]), provider([...many, 'one:more'])]) {
    const told = await door.ask('/gatekeeper', body);
    assert.equal(told.status, 200);
    const failure = (told.body as Provided).response;
    assert.notEqual(failure.systemError, '');
    assert.deepEqual(failure.items, []);
  }
});

test('scans that are not done: the answer of the policy for what is pending, in time; nothing late is a yes', async (t) => {
  const never = new Promise<never>(() => {});
  const scans = (findScan: () => Promise<never>): AskingDoorOptions['scans'] => ({
    source: {
      findScan: (_image, deadline) =>
        findScan === hang
          ? hang()
          : new Promise((resolve) =>
              setTimeout(() => resolve({ state: 'pending' }), Math.max(0, deadline - performance.now())),
            ),
    },
    busy: () => ({ running: 0, waiting: 0 }),
    refresh: () => Promise.resolve(),
    problem: () => undefined,
    close: () => Promise.resolve(),
  });
  const hang = (): Promise<never> => never;
  const scanning = `${policy}  - {name: clean, vulnerabilities: {severity: CRITICAL}}\n`;
  for (const [source, text] of [
    [scans(() => never), scanning],
    [scans(hang), scanning],
  ] as const) {
    const door = await openAskingDoor(t, { policy: text, scans: source, decisionMs: 300 });
    const opa = await door.ask('/v1/data/image_admission', { input: { image: 'nginx:1' } });
    assert.equal(result(opa.body).allow, false);
    const asked = (await door.ask('/gatekeeper', provider(['nginx:1', 'redis:1']))).body as Provided;
    assert.deepEqual(
      asked.response.items.map(({ value }) => [value.allowed, value.reasons.length > 0]),
      [
        [false, true],
        [false, true],
      ],
    );
  }
  const lenient = await openAskingDoor(t, {
    policy: `${scanning}incomplete: {pending: warn}\n`,
    scans: scans(() => never),
    decisionMs: 300,
  });
  assert.equal(
    result((await lenient.ask('/v1/data/image_admission', { input: { image: 'nginx:1' } })).body).allow,
    true,
  );
});

test('only those whom /validate answers', async (t) => {
  const rule = { required: true, names: new Set<string>() };
  const door = await openAskingDoor(t, { policy, clients: { imageReview: rule, admissionReview: rule } });
  const opa = await door.ask('/v1/data/image_admission/deny', { input: { image: 'nginx:1' } });
  assert.match(opa.text, /client certificate/);
  const asked = (await door.ask('/gatekeeper', provider(['nginx:1']))).body as Provided;
  assert.match(asked.response.systemError, /client certificate/);
  assert.deepEqual(asked.response.items, []);
});
