import assert from 'node:assert/strict';
import test from 'node:test';
import type { Reason } from '../policy/index.js';
import { decisionRecord } from './record.js';
import type { Review } from './review.js';
import { refused } from './verdict.js';

const long = '\ud83d\ude00"\\\n'.repeat(100_000);

void test('a record is one line of JSON, however long what is asked about', () => {
  const many = Array.from({ length: 5000 }, () => long);
  const review: Review = {
    envelope: { route: 'admissionReview', version: 'admission.k8s.io/v1', uid: 'u' },
    user: long,
    groups: many,
    namespace: long,
    resource: long,
    object: { name: long },
    dryRun: false,
    pods: [
      {
        subject: { images: many.map((text) => ({ text, place: { slot: 'container', name: text, field: text } })) },
        annotations: {},
      },
    ],
  };
  const reason: Reason = {
    rule: 'r',
    check: 'registries',
    code: 'NOT_ALLOWED',
    action: 'deny',
    image: long,
    place: { slot: 'container', name: long, field: long },
    message: long,
    fix: long,
  };
  const reasons = many.map(() => reason);
  const verdict = {
    ...refused(long),
    reasons,
    warnings: reasons,
    audits: reasons,
    breakGlass: { id: 'plain', issuer: long, reason: long },
  };
  const facts = { route: 'admissionReview', at: new Date(), durationMs: 1, policy: 'p', client: long } as const;
  const text = JSON.stringify(decisionRecord({ envelope: review.envelope, review }, verdict, facts));
  assert.ok(text.length < 1_500_000, String(text.length));
  assert.ok(!text.includes('\n'));
  assert.deepEqual((JSON.parse(text) as { readonly imageCount: number }).imageCount, 5000);
});
