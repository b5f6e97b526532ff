import assert from 'node:assert/strict';
import test from 'node:test';
import { FaultList } from './fault.js';
import { checkWebhookConfigurations } from './webhook-configuration.js';

const version = 'admissionregistration.k8s.io/v1';
const rule = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['pods', 'pods/ephemeralcontainers'],
};
const validation = { expression: 'true', message: 'no', reason: 'Forbidden' };

interface Changes {
  readonly policy?: object;
  readonly validation?: object;
  readonly rule?: object;
  readonly binding?: object;
}

function idsOf(changes: Changes): readonly string[] {
  const policy = {
    apiVersion: version,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'images' },
    spec: {
      matchConstraints: { resourceRules: [{ ...rule, ...changes.rule }] },
      validations: [{ ...validation, ...changes.validation }],
      ...changes.policy,
    },
  };
  const binding = {
    apiVersion: version,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'images' },
    spec: { policyName: 'images', validationActions: ['Deny', 'Audit'], ...changes.binding },
  };
  const faults = new FaultList();
  checkWebhookConfigurations(`${JSON.stringify(policy)}\n---\n${JSON.stringify(binding)}\n`, '/p.yaml', {
    now: new Date(),
    faults,
  });
  return faults.sorted().map(({ id }) => id);
}

test('policies in the API server: each mistake is found, and a good one has none', () => {
  const cases: readonly (readonly [Changes, readonly string[]])[] = [
    [{}, []],
    [{ policy: { failurePolicy: 'Ignore' } }, ['failure-policy-ignore']],
    [{ policy: { failurePolicy: 'no' } }, ['failure-policy']],
    [{ validation: { message: undefined, messageExpression: '"no"' } }, ['policy-message-missing']],
    [{ validation: { message: 'a\nb' } }, ['policy-message-lines']],
    [{ validation: { reason: 'Unauthorized' } }, ['policy-reason']],
    [{ validation: { reason: undefined } }, ['policy-reason-missing']],
    [{ validation: { expression: 'request.subResource != ""' } }, ['condition-sub-resource']],
    [{ rule: { resources: ['pods'] } }, ['rules-without-ephemeral']],
    [{ rule: { operations: ['CREATE'] } }, ['rules-without-update']],
    [{ binding: { policyName: 'other' } }, ['policy-not-bound', 'binding-without-policy']],
    [{ binding: { validationActions: ['Deny', 'Warn'] } }, ['binding-actions']],
    [{ binding: { validationActions: [] } }, ['binding-actions']],
    [{ binding: { validationActions: ['Audit'] } }, ['binding-does-not-deny']],
    [{ binding: { paramRef: { name: 'x' } } }, ['binding-parameters']],
    [{ policy: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } }, ['binding-parameters', 'policy-parameters']],
  ];
  for (const [changes, expected] of cases) assert.deepEqual(idsOf(changes), expected, JSON.stringify(changes));
});
