import type { JsonObject } from '../../formats/index.js';
import { policyActions, type Action } from '../../policy/index.js';
import { brokenCondition, celText, imageVariables, mayBreakMalformed, objectCondition } from './cel-expressions.js';
import { podKinds } from './name-grammar.js';
import type { StaticRule, StaticRules } from './static-rules.js';

/** What Kubernetes does for each of our actions. `Audit` writes the message to the audit log, too. */
const validationActions: Readonly<Record<Action, readonly string[]>> = {
  audit: ['Audit'],
  warn: ['Warn', 'Audit'],
  deny: ['Deny', 'Audit'],
};

/** A ValidatingAdmissionPolicy and its binding for each action that some rule has; `deny` first. */
export function validatingPolicies(
  { rules, unchangedPasses }: StaticRules,
  name: string,
  excludedNamespaces: readonly string[],
): readonly JsonObject[] {
  return [...policyActions].reverse().flatMap((action): JsonObject[] => {
    const own = rules.filter((rule) => rule.action === action);
    if (own.length === 0) return [];
    const full = action === 'deny' ? name : `${action}.${name}`;
    return [policyObject(full, own, unchangedPasses), bindingObject(full, action, excludedNamespaces)];
  });
}

function policyObject(name: string, rules: readonly StaticRule[], unchangedPasses: boolean): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: podKinds.map(({ group, resources }) => ({
          apiGroups: [group],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE'],
          resources: [...resources],
        })),
      },
      variables: [
        ...imageVariables(unchangedPasses).map((one) => ({ ...one })),
        ...rules.map((rule, at) => ({
          name: `broken${at}`,
          expression: `${objectCondition(rule)} ? variables.images.filter(i, ${brokenCondition(rule)}).map(i, i.name) : []`,
        })),
      ],
      validations: [
        {
          expression: `variables.malformed.size() == 0 || !(${[...new Set(rules.map(mayBreakMalformed))].join(' || ')})`,
          message: 'not a name of an image',
          messageExpression: '"not a name of an image: " + variables.malformed.join(", ")',
          reason: 'Forbidden',
        },
        ...rules.map((rule, at) => ({
          expression: `variables.broken${at}.size() == 0`,
          message: `${rule.message} (rule ${rule.name})`,
          messageExpression: `${celText(`${rule.message} (rule ${rule.name}): `)} + variables.broken${at}.join(", ")`,
          reason: 'Forbidden',
        })),
      ],
    },
  };
}

function bindingObject(name: string, action: Action, excludedNamespaces: readonly string[]): JsonObject {
  const values = [...excludedNamespaces];
  const excluded = [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: [...validationActions[action]],
      ...(values.length === 0 ? {} : { matchResources: { namespaceSelector: { matchExpressions: excluded } } }),
    },
  };
}
