import type { JsonObject } from '../../formats/index.js';
import type { Action } from '../../policy/index.js';
import { regoModule } from './rego-module.js';
import { regoRule } from './rego-rules.js';
import type { StaticRules } from './static-rules.js';

const kind = 'TidewaiterImages';

/** The ConstraintTemplate that knows how names of images are read; the rules are in the constraints. */
export function constraintTemplate({ unchangedPasses }: StaticRules): JsonObject {
  const module = regoModule({
    packageName: kind.toLowerCase(),
    version: 'v0',
    request: 'input.review',
    rules: 'input.parameters.rules',
    unchangedPasses,
  });
  return {
    apiVersion: 'templates.gatekeeper.sh/v1',
    kind: 'ConstraintTemplate',
    metadata: { name: kind.toLowerCase() },
    spec: {
      crd: { spec: { names: { kind }, validation: { openAPIV3Schema: parametersSchema } } },
      targets: [{ target: 'admission.k8s.gatekeeper.sh', rego: `${module}\n${violation}` }],
    },
  };
}

const violation = `violation[{"msg": one.msg, "details": {"rule": one.rule, "image": one.image}}] {
	found[one]
}
`;

const texts = { type: 'array', items: { type: 'string' } };
const selector = {
  type: 'object',
  properties: {
    namespaces: { type: 'string' },
    labels: {
      type: 'array',
      items: { type: 'object', properties: { key: { type: 'string' }, value: { type: 'string' } } },
    },
    images: texts,
  },
};

/** Conditions are regular expressions: whoever changes a policy generates the constraint anew. */
const parametersSchema: JsonObject = {
  type: 'object',
  properties: {
    rules: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'action', 'check', 'message'],
        properties: {
          name: { type: 'string' },
          action: { type: 'string', enum: ['deny', 'warn', 'audit'] },
          check: { type: 'string', enum: ['registries', 'official', 'tags', 'digest'] },
          message: { type: 'string' },
          allow: texts,
          deny: texts,
          match: selector,
          exclude: selector,
          exceptions: { type: 'array', items: selector },
        },
      },
    },
  },
};

const enforcement: readonly (readonly [Action, string])[] = [
  ['deny', 'deny'],
  ['warn', 'warn'],
  ['audit', 'dryrun'],
];

/** One constraint for each action that some rule has. */
export function constraints(
  { rules }: StaticRules,
  name: string,
  excludedNamespaces: readonly string[],
): readonly JsonObject[] {
  return enforcement.flatMap(([action, enforcementAction]): JsonObject[] => {
    const own = rules.filter((rule) => rule.action === action);
    if (own.length === 0) return [];
    return [
      {
        apiVersion: 'constraints.gatekeeper.sh/v1beta1',
        kind,
        metadata: { name: `${name}-${action}` },
        spec: {
          enforcementAction,
          match: {
            kinds: [
              { apiGroups: [''], kinds: ['Pod', 'ReplicationController', 'PodTemplate'] },
              { apiGroups: ['apps'], kinds: ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet'] },
              { apiGroups: ['batch'], kinds: ['Job', 'CronJob'] },
            ],
            ...(excludedNamespaces.length === 0 ? {} : { excludedNamespaces: [...excludedNamespaces] }),
          },
          parameters: { rules: own.map(regoRule) },
        },
      },
    ];
  });
}
