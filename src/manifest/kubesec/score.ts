import { asObject, type JsonObject, type JsonValue } from '../../formats/index.js';
import { viewPod } from './pod-view.js';
import { printed } from './printed.js';
import { emptyScoring, type KubesecReport, type KubesecScoring } from './report.js';
import type { KubesecRule } from './rule.js';
import { kubesecRules } from './rules.js';

/** In what kubesec's own mistakes are repeated: in all of them, or only where a script cannot tell. */
export type KubesecCompat = 'strict' | 'default';

/** Rule ids that do not exist. */
export interface UnknownRules {
  readonly unknown: readonly string[];
}

/**
 * The rules of the given ids in their order; all without any. A rule named twice is there twice, as the original has it,
 * unless that mistake is not wanted.
 */
export function chooseRules(
  ids: readonly string[],
  compat: KubesecCompat,
): { readonly rules: readonly KubesecRule[] } | UnknownRules {
  if (ids.length === 0) return { rules: kubesecRules };
  const rules: KubesecRule[] = [];
  const unknown: string[] = [];
  for (const id of compat === 'strict' ? ids : new Set(ids)) {
    const rule = kubesecRules.find((candidate) => candidate.id === id);
    if (rule) rules.push(rule);
    else unknown.push(id);
  }
  return unknown.length > 0 ? { unknown } : { rules };
}

type Scored = Pick<KubesecReport, 'message' | 'score' | 'scoring' | 'scored'>;

/** What the rules say of a valid object. */
export function scoreObject(object: JsonObject, rules: readonly KubesecRule[], compat: KubesecCompat): Scored {
  const kind = printed(object.kind);
  const applicable = rules.filter(({ kinds }) => kinds.includes(kind));
  if (applicable.length === 0) {
    return {
      message: 'This resource kind is not supported by kubesec',
      score: 0,
      scoring: emptyScoring,
      scored: false,
    };
  }
  const view = viewPod(object, kind);
  const matched = new Set<KubesecRule>();
  for (const rule of new Set(applicable)) {
    const found = compat === 'default' && rule.soundly ? rule.soundly(view) : rule.matches(view);
    if (found) matched.add(rule);
  }
  const score = applicable.reduce((sum, rule) => (matched.has(rule) ? sum + rule.points : sum), 0);
  return { message: scoreMessage(score), score, scoring: sortOut(applicable, matched), scored: true };
}

/** The original takes a document that holds nothing for an object that has nothing of what is good. */
export function scoreNothing(rules: readonly KubesecRule[]): Scored {
  return { message: scoreMessage(0), score: 0, scoring: sortOut(rules, new Set()), scored: true };
}

function scoreMessage(score: number): string {
  return `${score < 0 ? 'Failed' : 'Passed'} with a score of ${score} points`;
}

function sortOut(rules: readonly KubesecRule[], matched: ReadonlySet<KubesecRule>): KubesecScoring {
  const of = (wanted: (rule: KubesecRule) => boolean) => rules.filter(wanted).sort(inOrder);
  return {
    critical: of((rule) => rule.points < 0 && matched.has(rule)),
    passed: of((rule) => rule.points > 0 && matched.has(rule)),
    advise: of((rule) => rule.points > 0 && !matched.has(rule)),
  };
}

/** What earns most first, what costs most first; the same by selector. */
function inOrder(a: KubesecRule, b: KubesecRule): number {
  if (a.points !== b.points) return a.points > 0 || b.points > 0 ? b.points - a.points : a.points - b.points;
  return a.selector < b.selector ? -1 : a.selector > b.selector ? 1 : 0;
}

/** `<kind>/<name>.<namespace>`, or `Unknown`. */
export function objectTitle(value: JsonValue): string {
  const object = asObject(value);
  if (!object || object.kind === undefined || object.kind === null) return 'Unknown';
  const metadata = asObject(object.metadata);
  const name = metadata?.name ?? 'undefined';
  const namespace = metadata?.namespace ?? 'default';
  return `${printed(object.kind)}/${printed(name)}.${printed(namespace)}`;
}
