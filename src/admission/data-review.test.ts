import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parsePolicy } from '../policy/index.js';
import { opaResult, providerResponse, readOpaInput, readProviderRequest } from './data-review.js';
import { judgeReview } from './judge-review.js';
import { refused } from './verdict.js';

const policy = parsePolicy(
  'apiVersion: tidewaiter.dev/v1\nkind: Policy\nmetadata: {name: p}\nrules: [{name: known, registries: {allow: [registry.example.com]}}]',
  'policy',
);
const judge = { policy, exemptNamespaces: new Set<string>() };
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

interface Whole {
  readonly result: { readonly allow: boolean; readonly deny: readonly string[]; readonly warn: readonly string[] };
}

async function answerTo(body: Uint8Array): Promise<Whole['result'] | 'malformed'> {
  const question = readOpaInput(body, 100_000);
  if (question.kind === 'malformed') return 'malformed';
  const verdict = await judgeReview(question.asked, judge, { now: new Date(), deadline: 0 });
  return (opaResult(verdict, undefined) as Whole).result;
}

test('no input gets a yes for an image that the policy does not name', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('nginx', 'registry.example.com.evil.io/a', 'quay.io/a/b@sha256:1'),
  );
  const input = fc.oneof(
    fc.record({ images: fc.array(text, { minLength: 1 }), namespace: fc.option(fc.string()) }),
    fc.record({ image: text, images: fc.option(fc.jsonValue()) }),
    fc.record({ image: text, labels: fc.dictionary(fc.string(), fc.jsonValue()) }),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(input, async (given) => {
      const answer = await answerTo(encode({ input: given }));
      if (answer === 'malformed') return;
      const { images = [], image } = given as { images?: unknown[]; image?: unknown };
      const isNothing = (images ?? []).length === 0 && image === undefined;
      assert.equal(answer.allow, isNothing);
      assert.equal(answer.deny.length === 0, isNothing);
    }),
    { numRuns: 500 },
  );
});

test('bytes of any kind are read or told to be none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.json().map((text) => new TextEncoder().encode(text)),
      ),
      (body) => {
        for (const question of [readOpaInput(body, 1000), readProviderRequest(body, 1000)]) {
          if (question.kind === 'malformed') assert.match(question.reason, /\S/);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a ticket and pull secrets in a review are not looked at', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', annotations: { 'tidewaiter.image-policy.k8s.io/break-glass': 'ticket' } },
    spec: { imagePullSecrets: [{ name: 'regcred' }], containers: [{ name: 'a', image: 'nginx' }] },
  };
  const request = {
    uid: '1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    operation: 'CREATE',
    namespace: 'shop',
    object: pod,
  };
  const question = readOpaInput(
    encode({ input: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request } }),
    100_000,
  );
  assert.ok(question.kind === 'asked');
  const [first] = question.asked.pods;
  assert.deepEqual(first?.annotations, {});
  assert.equal(first.pull, undefined);
  assert.equal(first.subject.images[0]?.text, 'nginx');
});

test('what could not be judged always has a reason under deny', () => {
  const { result } = opaResult(refused('no time'), undefined) as Whole;
  assert.deepEqual([result.allow, result.deny.length], [false, 1]);
  const { response } = providerResponse([{ key: 'nginx', verdict: refused('no time') }]) as {
    response: { items: { value: { allowed: boolean; reasons: string[] } }[] };
  };
  assert.equal(response.items[0]?.value.allowed, false);
  assert.equal(response.items[0].value.reasons.length, 1);
});
