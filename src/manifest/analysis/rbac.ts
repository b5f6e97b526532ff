import { asArray, asObject, asString, type JsonObject } from '../../formats/index.js';
import { listed, quoted } from './quoted.js';
import type { Hit } from './rule.js';
import type { ObjectView } from './views.js';

/** One of the `rules` of a Role or ClusterRole. */
export interface PolicyRule {
  readonly at: number;
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly urls: readonly string[];
  /** It holds for objects of these names only. */
  readonly names: readonly string[];
}

/** Kinds that grant. */
export const roleKinds = ['Role', 'ClusterRole'] as const;
/** Kinds that say to whom. */
export const bindingKinds = ['RoleBinding', 'ClusterRoleBinding'] as const;

/** What a role grants, rule by rule. */
export function policyRulesOf({ value }: ObjectView): readonly PolicyRule[] {
  return (asArray(value.rules) ?? []).flatMap((item, at): PolicyRule[] => {
    const rule = asObject(item);
    return rule
      ? [
          {
            at,
            verbs: texts(rule, 'verbs'),
            groups: texts(rule, 'apiGroups'),
            resources: texts(rule, 'resources'),
            urls: texts(rule, 'nonResourceURLs'),
            names: texts(rule, 'resourceNames'),
          },
        ]
      : [];
  });
}

/** What a rule looks for in roles. */
export interface Power {
  readonly group: string;
  /** Any of these, named as such: a wildcard over all resources is found by a rule of its own. */
  readonly resources: readonly string[];
  /** Any of these; `*` gives them too. */
  readonly verbs: readonly string[];
  /** Names of objects do not narrow it. */
  readonly whateverNames?: true;
}

/** The places where a role grants one of the powers. */
export function grants(object: ObjectView, powers: readonly Power[]): readonly Hit[] {
  return policyRulesOf(object).flatMap((rule): Hit[] => {
    for (const power of powers) {
      const resource = rule.resources.find((name) => power.resources.some((wanted) => isResource(name, wanted)));
      const isGroup = rule.groups.some((group) => group === '*' || group === power.group);
      const verbs = rule.verbs.filter((verb) => verb === '*' || power.verbs.includes(verb));
      if (resource === undefined || !isGroup || verbs.length === 0) continue;
      if (rule.names.length > 0 && !power.whateverNames) continue;
      const message = `grants ${listed(verbs.map(quoted))} on ${quoted(resource)}`;
      return [{ path: ['rules', rule.at], message, effective: { value: verbs, from: 'object' } }];
    }
    return [];
  });
}

/** `pods/exec` is named by itself and by `*` before its subresource. */
function isResource(name: string, wanted: string): boolean {
  if (name === wanted) return true;
  const slash = wanted.indexOf('/');
  return slash >= 0 && name === `*${wanted.slice(slash)}`;
}

/** One of the subjects of a binding. */
export interface Subject {
  readonly at: number;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

/** To whom a binding gives its role. */
export function subjectsOf({ value }: ObjectView): readonly Subject[] {
  return (asArray(value.subjects) ?? []).flatMap((item, at): Subject[] => {
    const subject = asObject(item);
    if (!subject) return [];
    const { kind, name, namespace } = subject;
    return [{ at, kind: asString(kind) ?? '', name: asString(name) ?? '', namespace: asString(namespace) }];
  });
}

/** The name of the role that a binding gives. */
export function roleOf({ value }: ObjectView): { readonly kind: string; readonly name: string } {
  const role = asObject(value.roleRef);
  return { kind: asString(role?.kind) ?? '', name: asString(role?.name) ?? '' };
}

function texts(rule: JsonObject, field: string): readonly string[] {
  return (asArray(rule[field]) ?? []).filter((item): item is string => typeof item === 'string');
}
