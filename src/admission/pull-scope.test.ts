import assert from 'node:assert/strict';
import test from 'node:test';
import type { ScanAsked } from './index.js';
import { judgeReview, readAdmissionReview, readImageReview, type Review } from './index.js';
import { parsePolicy, type ScanKnowledge } from '../policy/index.js';
import type { PullScope } from './pull-scope.js';

const encoder = new TextEncoder();

function reviewOf(object: Readonly<Record<string, unknown>>, request: object = {}): Review {
  const version = String(object['apiVersion']);
  const [group, short] = version.includes('/') ? version.split('/') : ['', version];
  const whole = {
    uid: 'a',
    kind: { group, version: short, kind: object['kind'] },
    resource: { group, version: short, resource: `${String(object['kind']).toLowerCase()}s` },
    operation: 'CREATE',
    namespace: 'shop',
    object,
    ...request,
  };
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: whole });
  const read = readAdmissionReview(encoder.encode(body), 1_000_000);
  assert.equal(read.kind, 'review', JSON.stringify(read));
  return read.kind === 'review' ? read.review : assert.fail();
}

const scopes = (review: Review): readonly (PullScope | undefined)[] => review.pods.map(({ pull }) => pull);
const containers = [{ name: 'main', image: 'a.example/x:1' }];
const secrets = [{ name: 'a' }, { name: '' }, {}, { name: 'b' }, { name: 'a' }, 'c'];

void test('a pod has what it lists; its account was copied into it before', () => {
  const pod = (spec: object): Readonly<Record<string, unknown>> => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'bank' },
    spec: { containers, ...spec },
  });
  assert.deepEqual(scopes(reviewOf(pod({ imagePullSecrets: secrets }))), [{ namespace: 'shop', secrets: ['a', 'b'] }]);
  assert.deepEqual(scopes(reviewOf(pod({ serviceAccountName: 'me' }))), [{ namespace: 'shop', secrets: [] }]);
  assert.deepEqual(scopes(reviewOf(pod({ imagePullSecrets: 'regcred' }))), [{ namespace: 'shop', secrets: [] }]);
  assert.deepEqual(scopes(reviewOf(pod({}), { namespace: undefined })), [undefined]);
});

void test('of a template without any, its account is asked', () => {
  const deployment = (spec: object): Readonly<Record<string, unknown>> => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { template: { spec: { containers, ...spec } } },
  });
  const scope = (spec: object): PullScope | undefined => scopes(reviewOf(deployment(spec)))[0];
  assert.deepEqual(scope({ imagePullSecrets: secrets, serviceAccountName: 'me' }), {
    namespace: 'shop',
    secrets: ['a', 'b'],
  });
  for (const [spec, serviceAccount] of [
    [{}, 'default'],
    [{ imagePullSecrets: [] }, 'default'],
    [{ imagePullSecrets: null, serviceAccountName: '' }, 'default'],
    [{ serviceAccountName: 'me', serviceAccount: 'old' }, 'me'],
    [{ serviceAccount: 'old' }, 'old'],
    [{ serviceAccountName: 5 }, 'default'],
  ] as const) {
    assert.deepEqual(scope(spec), { namespace: 'shop', secrets: [], serviceAccount });
  }
});

void test('what the protocol does not tell is not made up', () => {
  const body = {
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    spec: { containers, namespace: 'shop' },
  };
  const read = readImageReview(encoder.encode(JSON.stringify(body)), 10_000);
  assert.deepEqual(read.kind === 'review' && scopes(read.review), [{ namespace: 'shop' }]);
  const old = {
    apiVersion: 'v1',
    kind: 'EphemeralContainers',
    metadata: { name: 'p' },
    ephemeralContainers: containers,
  };
  assert.deepEqual(scopes(reviewOf(old, { operation: 'UPDATE', oldObject: old, subResource: 'ephemeralcontainers' })), [
    { namespace: 'shop' },
  ]);
});

void test('each pod of an object is scanned with its own, and the record tells of the one that fails', async () => {
  const custom = {
    apiVersion: 'example.com/v1',
    kind: 'Fleet',
    metadata: { name: 'f' },
    spec: {
      one: { template: { spec: { containers, imagePullSecrets: [{ name: 'good' }] } } },
      two: { template: { spec: { containers, imagePullSecrets: [{ name: 'bad' }] } } },
    },
  };
  const policy = parsePolicy(
    'apiVersion: tidewaiter.dev/v1\nkind: Policy\nmetadata: {name: p}\nrules: [{name: s, scan: {maxAge: 1d}}]\n',
    'p',
  );
  const now = new Date();
  const asked: (ScanAsked | undefined)[] = [];
  const judge = {
    policy,
    exemptNamespaces: new Set<string>(),
    scans: {
      findScan(_: string, __: number, how?: ScanAsked): Promise<ScanKnowledge> {
        asked.push(how);
        return Promise.resolve(
          how?.pull?.secrets?.[0] === 'good'
            ? { state: 'scanned', facts: { findings: [], unknowns: [], scannedAt: now.toISOString() } }
            : { state: 'missing', code: 'SCAN_FAILED', reason: '401' },
        );
      },
    },
  };
  const verdict = await judgeReview(reviewOf(custom), judge, { now, deadline: performance.now() + 1000 });
  assert.deepEqual(
    asked.map((how) => how?.pull),
    [
      { namespace: 'shop', secrets: ['good'] },
      { namespace: 'shop', secrets: ['bad'] },
    ],
  );
  assert.equal(verdict.allowed, false);
  assert.equal(verdict.scans?.get('a.example/x:1')?.state, 'missing');
});
