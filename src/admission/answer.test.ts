import assert from 'node:assert/strict';
import test from 'node:test';
import type { Reason } from '../policy/index.js';
import { answerDocument, envelopeInHead, passed, verdictOf, type AdmissionVerdict, type Envelope } from './index.js';

const envelope: Envelope = { route: 'admissionReview', version: 'admission.k8s.io/v1', uid: 'u' };

function reason(nth: number, action: Reason['action']): Reason {
  const image = `evil.example/${'x'.repeat(300)}\n\t\u001b[31m\u202e"\\é${nth}`;
  const place = { slot: 'container', name: `c${nth}\n`, field: `spec.containers[${nth}].image` };
  return {
    rule: `rule-${nth}`,
    check: 'registries',
    action,
    message: 'm\n'.repeat(500),
    fix: 'f\r'.repeat(500),
    image,
    place,
  };
}

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: {
    readonly message: string;
    readonly code: number;
    readonly details: { causes: readonly object[] };
  };
  readonly warnings?: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

function respond(verdict: AdmissionVerdict): Response {
  return (answerDocument(envelope, verdict, { policy: 'p@1' }) as { readonly response: Response }).response;
}

// oxlint-disable-next-line no-control-regex -- these are what it is about
const control = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

void test('what is told keeps to the limits of an API server', () => {
  const all = Array.from({ length: 200 }, (_, nth) => nth);
  const decision = {
    outcome: 'fail' as const,
    reasons: all.map((nth) => reason(nth, 'deny')),
    warnings: all.map((nth) => reason(nth, 'warn')),
    audits: all.map((nth) => reason(nth, 'audit')),
    waived: [],
    notAssessed: [{ rule: 'a', needs: ['scan' as const] }],
  };
  const response = respond(verdictOf([decision]));
  assert.equal(response.status?.code, 403);
  assert.ok((response.status?.message.length ?? 0) <= 1024);
  assert.match(response.status?.message ?? '', /more/);
  assert.ok(!control.test(response.status?.message ?? ''));
  assert.ok((response.status?.details.causes.length ?? 0) <= 20);
  const warnings = response.warnings ?? [];
  assert.ok(warnings.length > 10);
  for (const warning of warnings) {
    assert.ok(warning.length <= 120, warning);
    assert.ok(!control.test(warning), JSON.stringify(warning));
  }
  assert.ok(warnings.join('').length <= 4096);
  for (const [key, value] of Object.entries(response.auditAnnotations)) {
    assert.match(key, /^[a-z]([a-z-]*[a-z])?$/);
    assert.ok(value.length <= 1000);
  }
  assert.ok(!('patch' in response) && !('patchType' in response));
});

void test('exact answers', () => {
  const verdict = passed('not-judged', 'it runs no image');
  const auditAnnotations = { decision: 'allow', outcome: 'not-judged', policy: 'p@1', because: 'it runs no image' };
  const v1beta1: Envelope = { ...envelope, version: 'admission.k8s.io/v1beta1' };
  assert.deepEqual(answerDocument(v1beta1, verdict, { policy: 'p@1' }), {
    apiVersion: 'admission.k8s.io/v1beta1',
    kind: 'AdmissionReview',
    response: { uid: 'u', allowed: true, auditAnnotations },
  });
  const review: Envelope = { route: 'imageReview', version: 'imagepolicy.k8s.io/v1alpha1', uid: undefined };
  assert.deepEqual(answerDocument(review, verdict, { policy: 'p@1' }), {
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    kind: 'ImageReview',
    status: { allowed: true, auditAnnotations },
  });
});

void test('the uid at the head of a text', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"a","kind":{', 'a'],
    ['{"apiVersion":"admission.k8s.io/v1beta1","request":{"x":{"uid":"no"},"y":[{"uid":"no"}],"uid":"b"', 'b'],
    ['{ "request" : { "uid" : "\\u0061\\"" ', 'a"'],
    ['{"request":{"uid":7,"name":"x"', undefined],
    ['{"request":{"uid":""', undefined],
    ['{"request":{"name":"uid","x":"uid"', undefined],
    ['{"uid":"no","request":[{"uid":"no"}]', undefined],
    ['{"request":{"uid":"cut of', undefined],
    ['{"request":{"object":{"request":{"uid":"no"}}', undefined],
    ['["request",{"uid":"no"}]', undefined],
    ['['.repeat(10_000), undefined],
    ['', undefined],
  ];
  for (const [text, uid] of cases) assert.equal(envelopeInHead('admissionReview', text)?.uid, uid, text.slice(0, 80));
  assert.equal(envelopeInHead('admissionReview', cases[1]?.[0] ?? '')?.version, 'admission.k8s.io/v1beta1');
});
