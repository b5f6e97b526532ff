import type { Decision, Reason } from '../decision/decision.js';
import { evaluatePolicy } from '../decision/evaluate-policy.js';
import type { PolicyAnswer, PolicySubject } from '../decision/subject.js';
import type { Policy } from '../document/policy.js';
import type { PolicyCase } from './policy-case.js';

/** What came of a case. */
export interface PolicyCaseResult {
  readonly case: PolicyCase;
  readonly decision: Decision;
  /** One clause for each difference from what was expected; none: as expected. */
  readonly differences: readonly string[];
}

/** Judges a case, and compares. */
export function runPolicyCase(policy: Policy, one: PolicyCase, { now }: { readonly now: Date }): PolicyCaseResult {
  const decision = evaluatePolicy(policy, withAnswers(one, policy), { now: one.now ?? now });
  const { expected } = one;
  const differences: string[] = [];
  if (decision.outcome !== expected.outcome) {
    const [first] = decision.reasons;
    const why = first ? ` (${first.rule}: ${first.message})` : '';
    differences.push(`expected ${expected.outcome}, got ${decision.outcome}${why}`);
  }
  for (const [word, wanted, found] of [
    ['deny', expected.denies, decision.reasons],
    ['warn', expected.warns, decision.warnings],
    ['note', expected.audits, decision.audits],
  ] as const) {
    if (wanted) differences.push(...compare(word, wanted, found));
  }
  return { case: one, decision, differences };
}

function withAnswers({ subject, engines }: PolicyCase, policy: Policy): PolicySubject {
  if (!engines) return subject;
  const answers = policy.rules.flatMap(({ name, check }): (readonly [string, PolicyAnswer])[] => {
    const answer = check.id === 'opa' ? (engines.byRule.get(name) ?? engines.ofAll) : undefined;
    return answer ? [[name, answer]] : [];
  });
  return { ...subject, answers: new Map(answers) };
}

function compare(word: string, wanted: readonly string[], found: readonly Reason[]): readonly string[] {
  const names = new Set(found.map(({ rule }) => rule));
  const missing = wanted.filter((name) => !names.has(name)).map((name) => `${name} should ${word}, and does not`);
  const surplus = [...names]
    .filter((name) => !wanted.includes(name))
    .map((name) => `${name} should not ${word}, and does`);
  return [...missing, ...surplus];
}
