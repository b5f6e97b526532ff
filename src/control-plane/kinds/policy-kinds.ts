import type { FaultKind } from './fault-kind.js';

/** ValidatingAdmissionPolicy and its binding. */
export const policyKinds = {
  'policy-not-bound': {
    severity: 'warning',
    why: 'a policy without a binding does nothing',
    fix: 'add a ValidatingAdmissionPolicyBinding with its name in policyName',
  },
  'binding-without-policy': {
    severity: 'warning',
    why: 'a binding to a policy that is not there does nothing',
    fix: 'correct policyName, or give the policy in the same file',
  },
  'policy-message-missing': {
    severity: 'warning',
    why: 'where messageExpression gives nothing, a line break or more than 5 KiB, users see the bare expression instead',
    fix: 'add message beside messageExpression',
  },
  'policy-message-lines': {
    severity: 'error',
    why: 'the API server refuses a message with line breaks',
    fix: 'write the message on one line',
  },
  'policy-reason': {
    severity: 'error',
    why: 'the API server takes Forbidden, Invalid and RequestEntityTooLarge only',
    fix: 'write reason: Forbidden',
  },
  'policy-reason-missing': {
    severity: 'note',
    why: 'without reason a refusal is 422 Invalid, as if the object were malformed',
    fix: 'write reason: Forbidden',
  },
  'policy-parameters': {
    severity: 'warning',
    why: 'after the last policy with ConfigMaps as parameters was deleted, 1.36 judges a new one by the ConfigMaps of that time',
    fix: 'write the list into the policy, or never delete the policy but change it in place',
  },
  'binding-parameters': {
    severity: 'error',
    why: 'a policy that reads parameters fails without them: every request is refused',
    fix: 'add paramRef with name or selector, and parameterNotFoundAction',
  },
  'binding-actions': {
    severity: 'error',
    why: 'the API server refuses validationActions that are empty, unknown, or hold both Deny and Warn',
    fix: 'write validationActions: [Deny, Audit]',
  },
  'binding-does-not-deny': {
    severity: 'warning',
    why: 'without Deny every image still runs',
    fix: 'add Deny to validationActions once nothing is refused that should run',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
