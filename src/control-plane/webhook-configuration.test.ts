import assert from 'node:assert/strict';
import test from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { FaultList, type Fault } from './fault.js';
import type { FaultId } from './kinds/index.js';
import { checkWebhookConfigurations } from './webhook-configuration.js';

const rule = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['pods', 'pods/ephemeralcontainers'],
};
const excluded = (...values: readonly string[]): object => ({
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }],
});

let bundle = '';

function webhook(changes: object = {}): object {
  return {
    name: 'images.tidewaiter.dev',
    clientConfig: { service: { name: 'tidewaiter', namespace: 'tidewaiter' }, caBundle: bundle },
    rules: [rule],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 10,
    namespaceSelector: excluded('kube-system', 'tidewaiter'),
    ...changes,
  };
}

function check(webhooks: readonly object[], top: object = {}): readonly Fault[] {
  const faults = new FaultList();
  const object = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    webhooks,
    ...top,
  };
  checkWebhookConfigurations(JSON.stringify(object, null, 1), '/hooks.yaml', { now: new Date(), faults });
  return faults.sorted();
}

const idsOf = (changes: object): readonly FaultId[] => check([webhook(changes)]).map(({ id }) => id);

test('each mistake is found, and a good webhook has none', async () => {
  bundle = Buffer.from((await makeAuthority()).pem).toString('base64');
  assert.deepEqual(idsOf({}), []);
  const config = (clientConfig: object): object => ({ clientConfig: { caBundle: bundle, ...clientConfig } });
  const rules = (changes: object): object => ({ rules: [{ ...rule, ...changes }] });
  const cases: readonly (readonly [object, readonly FaultId[]])[] = [
    [{ name: 'v.example' }, ['webhook-name']],
    [{ admissionReviewVersions: ['v2'] }, ['review-versions']],
    [{ admissionReviewVersions: undefined }, ['review-versions']],
    [{ sideEffects: 'Some' }, ['side-effects']],
    [{ sideEffects: undefined }, ['side-effects']],
    [{ failurePolicy: 'Ignore' }, ['failure-policy-ignore']],
    [{ failurePolicy: 'fail' }, ['failure-policy']],
    [{ timeoutSeconds: 31 }, ['webhook-timeout-range']],
    [{ timeoutSeconds: '10s' }, ['webhook-timeout-range']],
    [{ timeoutSeconds: 30 }, ['webhook-timeout-long']],
    [{ timeoutSeconds: 1 }, ['webhook-timeout-short']],
    [config({}), ['client-config']],
    [config({ url: 'https://h/x', service: { name: 'a', namespace: 'tidewaiter' } }), ['client-config']],
    [config({ url: 'http://h/x' }), ['webhook-url']],
    [config({ url: 'https://h/x?y=1' }), ['webhook-url']],
    [config({ url: 'https://a:b@h/x' }), ['webhook-url']],
    [config({ url: 'https://a.b.svc/x' }), ['service-name']],
    [config({ service: { name: 'a' } }), ['webhook-service']],
    [config({ service: { name: 'a', namespace: 'tidewaiter', port: 0 } }), ['webhook-service']],
    [config({ url: 'https://h/x', caBundle: 'not base64' }), ['ca-bundle-invalid']],
    [config({ url: 'https://h/x', caBundle: undefined }), ['ca-bundle-missing']],
    [{ rules: [] }, ['rules-missing']],
    [rules({ apiGroups: ['apps'] }), ['rules-missing']],
    [rules({ apiVersions: ['v1beta1'] }), ['rules-missing']],
    [rules({ scope: 'Cluster' }), ['rules-missing']],
    [rules({ scope: 'Namespaced' }), []],
    [rules({ resources: ['pods'] }), ['rules-without-ephemeral']],
    [rules({ operations: ['CREATE'] }), ['rules-without-update']],
    [rules({ apiGroups: ['*'], resources: ['*/*'] }), ['rules-too-wide']],
    [{ namespaceSelector: undefined }, ['own-namespace-not-excluded', 'kube-system-not-excluded']],
    [{ namespaceSelector: excluded('kube-system') }, ['own-namespace-not-excluded']],
    [{ namespaceSelector: excluded('tidewaiter') }, ['kube-system-not-excluded']],
    [{ namespaceSelector: { matchLabels: { checked: 'yes' } } }, ['selector-by-own-label']],
    [{ namespaceSelector: undefined, failurePolicy: 'Ignore' }, ['failure-policy-ignore']],
    [{ objectSelector: { matchLabels: { a: 'b' } } }, ['object-selector']],
    [{ matchPolicy: 'Exact' }, ['match-policy-exact']],
    [{ matchConditions: [{ name: 'a', expression: 'request.subResource == ""' }] }, ['condition-sub-resource']],
    [{ matchConditions: [{ name: 'a', expression: 'has(request.subResource) && request.subResource == ""' }] }, []],
    [
      { matchConditions: Array.from({ length: 65 }, () => ({ name: 'a', expression: 'true' })) },
      ['too-many-conditions'],
    ],
    [{ failurepolicy: 'Fail' }, ['webhook-field-unknown']],
  ];
  for (const [changes, expected] of cases) {
    assert.deepEqual(idsOf(changes), expected, JSON.stringify(changes));
  }
});

test('lists, other kinds, two of one name', () => {
  assert.ok(check([webhook(), webhook()]).some(({ id }) => id === 'webhook-name-twice'));
  assert.equal(check([], { kind: 'Pod' })[0]?.id, 'webhook-configuration-kind');
  assert.equal(check([], { apiVersion: 'admissionregistration.k8s.io/v1beta1' })[0]?.id, 'webhook-configuration-kind');
  const faults = new FaultList();
  const item = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    webhooks: [webhook({ name: 'x' })],
  };
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item] }, null, 1);
  checkWebhookConfigurations(list, '/hooks.yaml', { now: new Date(), faults });
  const [fault] = faults.sorted();
  assert.equal(fault?.id, 'webhook-name');
  assert.equal(fault.line, list.split('\n').findIndex((line) => line.includes('"name": "x"')) + 1);
});

test('secrets of a URL are not shown', () => {
  const told = JSON.stringify(check([webhook({ clientConfig: { url: 'https://user:Hidden-1@h/x' } })]));
  assert.ok(!told.includes('Hidden-1'), told);
});
