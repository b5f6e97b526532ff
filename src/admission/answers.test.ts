import assert from 'node:assert/strict';
import test from 'node:test';
import { parsePolicy, type PolicyAnswer, type ScanKnowledge } from '../policy/index.js';
import { answerReserveMs, type AnswerInquiry, type AnswerSource } from './answers.js';
import { judgeReview, type Judge } from './judge-review.js';
import { readAdmissionReview } from './read-admission-review.js';
import { readImageReview } from './read-image-review.js';
import type { Review } from './review.js';
import type { AdmissionVerdict } from './verdict.js';

const now = new Date('2026-11-24T12:00:00Z');

const policyOf = (rules: string, more = ''): Judge['policy'] =>
  parsePolicy(
    `apiVersion: tidewaiter.dev/v1\nkind: Policy\nmetadata: {name: door}\nrules: ${rules}\n${more}`,
    'policy.yaml',
  );

const engine = '{name: engine, opa: {url: "http://127.0.0.1:8181/v1/data/a"}}';
const yes: PolicyAnswer = { state: 'answered', allow: true, deny: [], warn: [] };
const no: PolicyAnswer = { state: 'answered', deny: ['it says so'], warn: [] };

interface Engine extends AnswerSource {
  readonly asked: { readonly inquiry: AnswerInquiry; readonly leftMs: number }[];
}

function engineThat(answer: (inquiry: AnswerInquiry) => PolicyAnswer): Engine {
  const asked: Engine['asked'] = [];
  return {
    asked,
    findAnswer(inquiry, deadline) {
      asked.push({ inquiry, leftMs: deadline - performance.now() });
      return Promise.resolve(answer(inquiry));
    },
  };
}

function imageReview(...images: readonly string[]): Review {
  const body = {
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    spec: { containers: images.map((image) => ({ image })), namespace: 'shop' },
  };
  const read = readImageReview(new TextEncoder().encode(JSON.stringify(body)), 100_000);
  assert.ok(read.kind === 'review');
  return read.review;
}

function podReview(change: object = {}): Review {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { app: 'web' } },
    spec: { containers: [{ name: 'a', image: 'nginx' }] },
  };
  const request = {
    uid: '1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    operation: 'CREATE',
    namespace: 'shop',
    userInfo: { username: 'jane', groups: ['dev'] },
    object: pod,
    ...change,
  };
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
  const read = readAdmissionReview(new TextEncoder().encode(body), 10_000_000);
  assert.ok(read.kind === 'review', JSON.stringify(read));
  return read.review;
}

async function judged(
  review: Review,
  judge: Pick<Judge, 'policy' | 'answers' | 'scans'>,
  ms = 5000,
): Promise<AdmissionVerdict> {
  const time = { now, deadline: performance.now() + ms };
  return await judgeReview(review, { exemptNamespaces: new Set(['kube-system']), ...judge }, time);
}

test('an engine is asked last, and its answer decides', async () => {
  const policy = policyOf(`[{name: known, registries: {allow: [docker.io/library]}}, ${engine}]`);
  const allowing = engineThat(() => yes);
  assert.equal((await judged(imageReview('nginx'), { policy, answers: allowing })).outcome, 'allow');
  assert.equal(allowing.asked.length, 1);
  const refusing = engineThat(() => no);
  const refused = await judged(imageReview('nginx'), { policy, answers: refusing });
  assert.deepEqual([refused.allowed, refused.outcome, refused.reasons[0]?.check], [false, 'deny', 'opa']);
  const notAsked = engineThat(() => yes);
  assert.equal((await judged(imageReview('quay.io/x/y'), { policy, answers: notAsked })).outcome, 'deny');
  assert.equal(notAsked.asked.length, 0);
});

test('nobody to ask, and no answer, is incomplete', async () => {
  const policy = policyOf(`[${engine}]`);
  for (const answers of [undefined, engineThat(() => ({ state: 'missing', reason: 'it is down' }))]) {
    const verdict = await judged(imageReview('nginx'), { policy, answers });
    assert.deepEqual([verdict.allowed, verdict.outcome], [false, 'incomplete']);
    assert.equal(verdict.reasons[0]?.code, 'OPA_UNAVAILABLE');
  }
});

test('it is told what the review tells', async () => {
  const policy = policyOf(`[${engine}]`);
  const answers = engineThat(() => yes);
  await judged(podReview(), { policy, answers });
  const subject = answers.asked[0]?.inquiry.subject;
  assert.deepEqual(subject?.request, { operation: 'CREATE', user: 'jane', groups: ['dev'] });
  assert.deepEqual(subject.labels, { app: 'web' });
  assert.equal((subject.source?.['metadata'] as { name?: string } | undefined)?.name, 'p');
  assert.equal(subject.workload, undefined);
});

test('what it asks to be told is found out before, and a gap where it cannot be', async () => {
  const policy = policyOf('[{name: engine, opa: {url: "http://127.0.0.1:8181/v1/data/a", needs: [scan, workload]}}]');
  const known: ScanKnowledge = { state: 'scanned', facts: { findings: [], unknowns: [] } };
  for (const [scan, outcome, codes] of [
    [known, 'allow', []],
    [{ state: 'pending' }, 'incomplete', ['SCAN_PENDING']],
    [{ state: 'missing', code: 'SCAN_FAILED', reason: 'x' }, 'incomplete', ['SCAN_FAILED']],
  ] as const) {
    const answers = engineThat(() => yes);
    const verdict = await judged(podReview(), { policy, answers, scans: { findScan: () => Promise.resolve(scan) } });
    assert.deepEqual([verdict.outcome, verdict.reasons.map(({ code }) => code)], [outcome, codes]);
    const subject = answers.asked[0]?.inquiry.subject;
    assert.equal(subject?.images[0]?.scan, scan);
    assert.equal(subject?.workload?.state, 'assessed');
  }
  const answers = engineThat(() => yes);
  const [scans, unscanned] = [{ findScan: () => Promise.resolve(known) }, { policy, answers }];
  const seen = await judged(imageReview('nginx'), { ...unscanned, scans });
  assert.equal(seen.outcome, 'allow');
  assert.deepEqual(seen.notAssessed, [{ rule: 'engine', needs: ['kubesec', 'manifest', 'podSecurity'] }]);
  assert.equal((await judged(imageReview('nginx'), unscanned)).reasons[0]?.code, 'NOT_SCANNED');
});

test('rules of one policy ask each for itself, and only for whom they are', async () => {
  const url = (path: string): string => `opa: {url: "http://127.0.0.1:8181/v1/data/${path}"}`;
  const policy = policyOf(
    `[{name: one, ${url('one')}}, {name: two, action: warn, ${url('two')}}, {name: three, match: {namespaces: [prod]}, ${url('three')}}]`,
  );
  const answers = engineThat(({ rule }) => (rule === 'two' ? no : yes));
  const verdict = await judged(imageReview('nginx'), { policy, answers });
  assert.equal(verdict.outcome, 'warn');
  assert.deepEqual(answers.asked.map(({ inquiry }) => inquiry.rule).sort(), ['one', 'two']);
});

test('what passes without a judgement is not asked about', async () => {
  const policy = policyOf(`[${engine}]`);
  const answers = engineThat(() => no);
  assert.equal((await judged(podReview({ namespace: 'kube-system' }), { policy, answers })).outcome, 'exempt');
  assert.equal((await judged(podReview({ operation: 'DELETE' }), { policy, answers })).outcome, 'not-judged');
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { app: 'web' }, annotations: { a: 'b' } },
    spec: { containers: [{ name: 'a', image: 'nginx' }] },
  };
  const update = podReview({
    operation: 'UPDATE',
    object,
    oldObject: { ...object, metadata: { labels: { app: 'web' } } },
  });
  assert.equal((await judged(update, { policy, answers })).allowed, true);
  assert.equal(answers.asked.length, 0);
  const strict = policyOf(`[${engine}]`, 'unchanged: judge\n');
  assert.equal((await judged(update, { policy: strict, answers })).allowed, false);
  assert.equal(answers.asked.length, 1);
});

test('scans leave time for the engine, and what they found is told', async () => {
  const policy = policyOf(`[{name: clean, vulnerabilities: {severity: HIGH}}, ${engine}]`);
  const known: ScanKnowledge = { state: 'scanned', facts: { findings: [], unknowns: [] } };
  let scanMs = 0;
  const scans = {
    findScan: (_: string, deadline: number): Promise<ScanKnowledge> => {
      scanMs = deadline - performance.now();
      return Promise.resolve(known);
    },
  };
  const answers = engineThat(() => yes);
  assert.equal((await judged(imageReview('nginx'), { policy, scans, answers }, 3000)).outcome, 'allow');
  assert.ok(scanMs <= 2000, 'a third at most, and no more than the rule wants');
  const [asked] = answers.asked;
  assert.ok((asked?.leftMs ?? 0) > scanMs);
  assert.equal(asked?.inquiry.subject.images[0]?.scan, known);
});

test('the reserve is what the rules want, in proportion', () => {
  const policy = policyOf(
    '[{name: a, opa: {url: "http://127.0.0.1:1/v1/data/a", timeout: 300ms}}, {name: b, digest: true}]',
  );
  assert.equal(answerReserveMs(policy, 5000), 300);
  assert.equal(answerReserveMs(policy, 600), 200);
  assert.equal(answerReserveMs(policy, -5), 0);
  assert.equal(answerReserveMs(policy, Number.POSITIVE_INFINITY), 300);
  assert.equal(answerReserveMs(policyOf('[{name: b, digest: true}]'), 5000), 0);
});
