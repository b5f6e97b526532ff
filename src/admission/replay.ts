import type { Policy, PolicyRule, Reason } from '../policy/index.js';
import { judgeReview, type Judge, type JudgingTime } from './judge-review.js';
import type { Review } from './review.js';
import type { AdmissionVerdict } from './verdict.js';

/** What a policy would answer to something, and what the one before it did. */
export interface Replayed {
  readonly verdict: AdmissionVerdict;
  /** Of the older policy; absent: there is none. */
  readonly before: AdmissionVerdict | undefined;
  readonly change: ReplayChange;
}

/**
 * Without an older policy: what is answered. With one: `refused`, `admitted` are new then; `otherwise` is admitted or
 * refused as before, with other warnings or for other reasons; `same` is in all respects as it was.
 */
export type ReplayChange = 'refused' | 'warned' | 'admitted' | 'otherwise' | 'same';

/**
 * Judges a review as `admission serve` would, by a policy and by the one before it.
 */
export async function replayReview(
  review: Review,
  judge: Judge,
  before: Judge | undefined,
  time: JudgingTime,
): Promise<Replayed> {
  const verdict = await judgeReview(review, judge, time);
  const older = before && (await judgeReview(review, before, time));
  return { verdict, before: older, change: older ? changeOf(older, verdict) : answerOf(verdict) };
}

function answerOf({ allowed, warnings }: AdmissionVerdict): ReplayChange {
  if (!allowed) return 'refused';
  return warnings.length > 0 ? 'warned' : 'admitted';
}

function changeOf(before: AdmissionVerdict, after: AdmissionVerdict): ReplayChange {
  if (before.allowed !== after.allowed) return after.allowed ? 'admitted' : 'refused';
  return toldBy(before) === toldBy(after) ? 'same' : 'otherwise';
}

/** All that an answer says, whatever its order. */
function toldBy({ outcome, reasons, warnings, audits }: AdmissionVerdict): string {
  const lines = (all: readonly Reason[]): readonly string[] =>
    all
      .map(({ rule, message, image, place }) => JSON.stringify([rule, message, image, place?.field, place?.name]))
      .sort();
  return JSON.stringify([outcome, lines(reasons), lines(warnings), lines(audits)]);
}

/** The policy without some of its rules, and these. */
export function withoutRules(
  policy: Policy,
  isLeftOut: (rule: PolicyRule) => boolean,
): { readonly policy: Policy; readonly leftOut: readonly PolicyRule[] } {
  return {
    policy: { ...policy, rules: policy.rules.filter((rule) => !isLeftOut(rule)) },
    leftOut: policy.rules.filter(isLeftOut),
  };
}
