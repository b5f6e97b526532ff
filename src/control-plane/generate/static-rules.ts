import {
  actionAt,
  type Action,
  type ImagePattern,
  type Policy,
  type PolicyCheck,
  type PolicyException,
  type PolicyRule,
  type Selector,
} from '../../policy/index.js';

/** The part of a policy that asks for nothing but the object itself, and what is left behind. */
export interface StaticRules {
  readonly policy: string;
  readonly rules: readonly StaticRule[];
  readonly unchangedPasses: boolean;
  /** What the generated form does not do and the policy does. */
  readonly omitted: readonly Omission[];
  /** What whoever applies it should know. One sentence each. */
  readonly notes: readonly string[];
}

/** A rule over the names of images. */
export interface StaticRule {
  readonly name: string;
  readonly action: Action;
  readonly check: NameCheck;
  readonly match: Selector | undefined;
  readonly exclude: Selector | undefined;
  /** Whoever fits one is let off; an empty one fits all. */
  readonly exceptions: readonly StaticException[];
  /** One line. */
  readonly message: string;
}

export type NameCheck = Extract<PolicyCheck, { readonly id: 'registries' | 'official' | 'tags' | 'digest' }>;

export interface StaticException {
  readonly namespaces: readonly string[] | undefined;
  readonly images: readonly ImagePattern[] | undefined;
}

/** Something of the policy that is not carried over. */
export interface Omission {
  /** `rule NAME`, or `exception in line N`. */
  readonly what: string;
  /** One clause. */
  readonly why: string;
  /** `looser`: the form lets through what the policy refuses. `stricter`: the other way round. */
  readonly effect: 'looser' | 'stricter';
}

/** What of a policy can be decided by names, namespaces and labels, with the actions of this moment. */
export function staticRulesOf(policy: Policy, now: Date): StaticRules {
  const omitted: Omission[] = [];
  const notes: string[] = [];
  const exceptions = wholeRuleExceptions(policy, now, omitted);
  const rules = policy.rules.flatMap((rule): StaticRule[] => {
    const { check } = rule;
    if (!isNameCheck(check)) {
      omitted.push({ what: `rule ${rule.name}`, why: reasons[check.id], effect: 'looser' });
      return [];
    }
    const action = actionAt(rule, now);
    if (rule.hardensAt !== undefined && action !== 'deny') {
      const day = rule.hardensAt.toISOString().slice(0, 10);
      notes.push(`Rule ${rule.name} denies from ${day} on: generate anew on that day, because no form knows the date.`);
    }
    return [
      {
        name: rule.name,
        action,
        check,
        match: rule.match,
        exclude: rule.exclude,
        exceptions: exceptions
          .filter((one) => one.rules?.includes(rule.name) !== false)
          .map(({ namespaces, images }) => ({ namespaces, images })),
        message: messageOf(rule, check),
      },
    ];
  });
  return { policy: policy.name, rules, unchangedPasses: policy.unchangedPasses, omitted, notes };
}

const reasons = {
  scan: 'it needs the scan of an image',
  vulnerabilities: 'it needs the scan of an image',
  podSecurity: 'Pod Security is judged by the analysis of the whole object; Kubernetes has an admission plugin for it',
  kubesec: 'it needs the analysis of the whole object',
  manifest: 'it needs the analysis of the whole object',
  opa: 'it asks a policy engine outside',
  expressions:
    'its expressions are about images as read, scans and requests; write them as a policy of the cluster by hand',
} as const satisfies Record<Exclude<PolicyCheck['id'], NameCheck['id']>, string>;

function isNameCheck(check: PolicyCheck): check is NameCheck {
  return !(check.id in reasons);
}

/** Exceptions for all that rules over names say: those with an end are left out, because nothing here would end them. */
function wholeRuleExceptions(policy: Policy, now: Date, omitted: Omission[]): readonly PolicyException[] {
  return policy.exceptions.filter((one) => {
    if (one.vulnerabilities || one.packages) return false;
    if (one.expiresAt === undefined) return true;
    const isOver = one.expiresAt.getTime() <= now.getTime();
    const touched = policy.rules.some(({ name, check }) => isNameCheck(check) && one.rules?.includes(name) !== false);
    if (!isOver && touched) {
      const why = 'it ends on a day, and no form knows the date';
      omitted.push({ what: `exception in line ${one.line}`, why, effect: 'stricter' });
    }
    return false;
  });
}

function messageOf({ fix }: PolicyRule, check: NameCheck): string {
  return fix === undefined ? words[check.id] : `${words[check.id]}; ${fix.replaceAll(/\p{C}+/gu, ' ').slice(0, 300)}`;
}

const words = {
  registries: 'image not from an allowed registry',
  official: 'image is no official image of Docker Hub',
  tags: 'image has a tag that is not allowed',
  digest: 'image is not named by its digest',
} as const satisfies Record<NameCheck['id'], string>;
