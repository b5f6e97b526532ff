import type { Decision, OpaCheck, Policy, PolicyAnswer, PolicyRule, PolicySubject } from '../policy/index.js';

/** What a rule of a policy wants to know of a subject. */
export interface AnswerInquiry {
  /** Name of the policy. */
  readonly policy: string;
  /** Name of the rule. */
  readonly rule: string;
  readonly check: OpaCheck;
  readonly subject: PolicySubject;
}

/** Who asks the policy engines outside that rules name. */
export interface AnswerSource {
  /**
   * What the engine says, at the latest when the time is over. Never rejects: what gives no answer is told as missing.
   * @param deadline on the clock of `performance.now()`
   */
  findAnswer(inquiry: AnswerInquiry, deadline: number): Promise<PolicyAnswer>;
}

type Asking = PolicyRule & { readonly check: OpaCheck };

/**
 * The rules for a subject that were passed over because nobody has asked a policy engine yet; none for what runs already and
 * is let through whatever is answered.
 */
export function openInquiries(
  policy: Policy,
  { notAssessed }: Pick<Decision, 'notAssessed'>,
  subject: Pick<PolicySubject, 'unchanged'> | undefined,
): readonly Asking[] {
  if (subject?.unchanged === true && policy.unchangedPasses) return [];
  const open = new Set(notAssessed.flatMap(({ rule, needs }) => (needs.includes('opa') ? [rule] : [])));
  return policy.rules.filter((rule): rule is Asking => rule.check.id === 'opa' && open.has(rule.name));
}

/**
 * The same subject with an answer to each rule, asked for at the same time. Without a source there are answers, too: that
 * nobody is asked.
 */
export async function withAnswers(
  subject: PolicySubject,
  asking: { readonly policy: Policy; readonly rules: readonly Asking[]; readonly source: AnswerSource | undefined },
  deadline: number,
): Promise<PolicySubject> {
  const { policy, rules, source } = asking;
  if (rules.length === 0) return subject;
  const answers = await Promise.all(
    rules.map(async ({ name, check }): Promise<readonly [string, PolicyAnswer]> => {
      if (!source) return [name, { state: 'missing', reason: 'nobody is asked' }];
      return [name, await source.findAnswer({ policy: policy.name, rule: name, check, subject }, deadline)];
    }),
  );
  return { ...subject, answers: new Map([...(subject.answers ?? []), ...answers]) };
}

/** How long rules wait for their engine where they do not say it: longer than one that works takes. */
export const defaultAnswerMs = 1000;

/** What is to be left of a time for the answers of policy engines, once all else is known. */
export function answerReserveMs(policy: Policy, leftMs: number): number {
  const times = policy.rules.flatMap(({ check }) => (check.id === 'opa' ? [check.timeoutMs ?? defaultAnswerMs] : []));
  return times.length === 0 ? 0 : Math.max(0, Math.min(Math.max(...times), leftMs / 3));
}

/** Some rule asks a policy engine. */
export function asksEngines(policy: Policy): boolean {
  return policy.rules.some(({ check }) => check.id === 'opa');
}
