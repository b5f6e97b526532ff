import { asArray, asObject, asString, asStrings, type JsonObject, type YamlPath } from '../formats/index.js';
import { type FaultList, quote, told } from './fault.js';
import type { LocatedDocument } from './source-file.js';

interface Item {
  readonly document: LocatedDocument;
  readonly name: string;
  readonly spec: JsonObject;
}

/**
 * Checks every ValidatingAdmissionPolicy and binding among the documents of a file.
 * @returns how many there are
 */
export function checkAdmissionPolicies(documents: readonly LocatedDocument[], faults: FaultList): number {
  const policies = itemsOf(documents, 'ValidatingAdmissionPolicy');
  const bindings = itemsOf(documents, 'ValidatingAdmissionPolicyBinding');
  for (const policy of policies) checkPolicy(policy, bindings, faults);
  for (const binding of bindings) checkBinding(binding, policies, faults);
  return policies.length + bindings.length;
}

function itemsOf(documents: readonly LocatedDocument[], kind: string): readonly Item[] {
  return documents.flatMap((document) => {
    const root = asObject(document.value);
    if (root?.['kind'] !== kind) return [];
    const name = asString(asObject(root['metadata'])?.['name']) ?? '';
    return [{ document, name, spec: asObject(root['spec']) ?? {} }];
  });
}

function checkPolicy({ document, name, spec }: Item, bindings: readonly Item[], faults: FaultList): void {
  const at = (...path: YamlPath) => document.at(['spec', ...path]);
  const failure = spec['failurePolicy'] ?? 'Fail';
  if (failure === 'Ignore') {
    faults.add('failure-policy-ignore', at('failurePolicy'), {
      what: 'failurePolicy is Ignore',
      why: 'an expression that fails lets the request pass, and leaves no trace in the audit log',
      fix: 'write failurePolicy: Fail',
    });
  } else if (failure !== 'Fail')
    faults.add('failure-policy', at('failurePolicy'), { what: `failurePolicy is ${told(failure)}` });
  const paramKind = asObject(spec['paramKind']);
  if (paramKind?.['kind'] === 'ConfigMap') {
    faults.add('policy-parameters', at('paramKind'), { what: `${quote(name)} takes its parameters from ConfigMaps` });
  }
  if (!bindings.some((binding) => binding.spec['policyName'] === name)) {
    faults.add('policy-not-bound', document.at(['metadata', 'name']), {
      what: `no binding in the file names ${quote(name)}`,
    });
  }
  for (const [index, item] of (asArray(spec['validations']) ?? []).entries()) {
    checkValidation(asObject(item) ?? {}, (field) => at('validations', index, field), faults);
  }
  checkRules({ document, name, spec }, faults);
  checkExpressions({ document, name, spec }, faults);
}

function checkValidation(
  validation: JsonObject,
  at: (field: string) => ReturnType<LocatedDocument['at']>,
  faults: FaultList,
): void {
  const { message, messageExpression, reason } = validation;
  if (messageExpression !== undefined && (message === undefined || message === '')) {
    faults.add('policy-message-missing', at('messageExpression'), { what: 'messageExpression stands without message' });
  }
  if (typeof message === 'string' && /[\r\n]/.test(message.trim())) {
    faults.add('policy-message-lines', at('message'), { what: 'message has several lines' });
  }
  if (reason === undefined) {
    faults.add('policy-reason-missing', at('expression'), { what: 'the validation has no reason' });
  } else if (reason !== 'Forbidden' && reason !== 'Invalid' && reason !== 'RequestEntityTooLarge') {
    faults.add('policy-reason', at('reason'), { what: `reason is ${told(reason)}` });
  }
}

function checkRules({ document, spec }: Item, faults: FaultList): void {
  const place = document.at(['spec', 'matchConstraints', 'resourceRules']);
  const rules = (asArray(asObject(spec['matchConstraints'])?.['resourceRules']) ?? []).map(
    (rule) => asObject(rule) ?? {},
  );
  const pods = rules.filter((rule) => (asStrings(rule['resources']) ?? []).includes('pods'));
  if (pods.length === 0) return;
  const resources = rules.flatMap((rule) => asStrings(rule['resources']) ?? []);
  if (!resources.some((one) => one === 'pods/ephemeralcontainers' || one === 'pods/*')) {
    faults.add('rules-without-ephemeral', place, { what: 'the rules do not name pods/ephemeralcontainers' });
  }
  const operations = pods.flatMap((rule) => asStrings(rule['operations']) ?? []);
  if (!operations.some((operation) => operation === 'UPDATE' || operation === '*')) {
    faults.add('rules-without-update', place, { what: 'the rules for pods do not name UPDATE' });
  }
}

function checkExpressions({ document, spec }: Item, faults: FaultList): void {
  for (const list of ['matchConditions', 'variables', 'validations']) {
    for (const [index, item] of (asArray(spec[list]) ?? []).entries()) {
      const expression = asString(asObject(item)?.['expression']) ?? '';
      if (!expression.includes('request.subResource') || expression.includes('has(request.subResource)')) continue;
      faults.add('condition-sub-resource', document.at(['spec', list, index, 'expression']), {
        what: 'the expression reads request.subResource without has(request.subResource)',
      });
    }
  }
}

function checkBinding({ document, spec }: Item, policies: readonly Item[], faults: FaultList): void {
  const actions = asStrings(spec['validationActions']) ?? [];
  const place = document.at(['spec', 'validationActions']);
  const unknown = actions.find((action) => action !== 'Deny' && action !== 'Warn' && action !== 'Audit');
  if (actions.length === 0 || unknown !== undefined || (actions.includes('Deny') && actions.includes('Warn'))) {
    faults.add('binding-actions', place, { what: `validationActions is ${told(spec['validationActions'])}` });
  } else if (!actions.includes('Deny')) {
    faults.add('binding-does-not-deny', place, { what: `validationActions is ${actions.join(', ')}` });
  }
  const paramRef = asObject(spec['paramRef']);
  const policy = policies.find(({ name }) => name === spec['policyName']);
  if (policy === undefined) {
    faults.add('binding-without-policy', document.at(['spec', 'policyName']), {
      what: `policyName is ${told(spec['policyName'])}, and no policy in the file is called so`,
    });
  }
  if (policy?.spec['paramKind'] !== undefined && paramRef === undefined) {
    faults.add('binding-parameters', document.at(['spec']), {
      what: 'the policy has paramKind and the binding no paramRef',
    });
  } else if (paramRef !== undefined && paramRef['parameterNotFoundAction'] === undefined) {
    faults.add('binding-parameters', document.at(['spec', 'paramRef']), { what: 'parameterNotFoundAction is missing' });
  }
}
