import type { Decision, NotAssessed, Reason, ScanKnowledge, Waived } from '../policy/index.js';
import type { BreakGlassUse } from './break-glass.js';

/** How a review ended, for metrics and the log. */
export const admissionOutcomes = [
  'allow',
  'warn',
  'deny',
  'incomplete',
  'break-glass',
  'exempt',
  'not-judged',
  'error',
] as const;
export type AdmissionOutcome = (typeof admissionOutcomes)[number];

/** What is answered to one review, and all that led to it. */
export interface AdmissionVerdict {
  readonly allowed: boolean;
  readonly outcome: AdmissionOutcome;
  /** What denies; of a review let through by a ticket, what it was let through in spite of. */
  readonly reasons: readonly Reason[];
  readonly warnings: readonly Reason[];
  readonly audits: readonly Reason[];
  readonly waived: readonly Waived[];
  readonly notAssessed: readonly NotAssessed[];
  /** Why there was no judgement: one clause. Of an `error`, what went wrong. */
  readonly because?: string | undefined;
  /** What was known of images, by their names as written; absent where no scan was asked for. */
  readonly scans?: ReadonlyMap<string, ScanKnowledge> | undefined;
  readonly breakGlass?: BreakGlassUse | undefined;
  /** A ticket was shown that does not hold: one clause. */
  readonly ticketProblem?: string | undefined;
}

const nothing = { reasons: [], warnings: [], audits: [], waived: [], notAssessed: [] } as const;

/** Let through without asking the policy. */
export function passed(outcome: 'exempt' | 'not-judged', because: string): AdmissionVerdict {
  return { allowed: true, outcome, because, ...nothing };
}

/** Refused because the review could not be judged. */
export function refused(because: string): AdmissionVerdict {
  return { allowed: false, outcome: 'error', because, ...nothing };
}

/** One verdict over the pods of an object: what denies one denies all. */
export function verdictOf(decisions: readonly Decision[]): AdmissionVerdict {
  const isFailure = decisions.some(({ outcome }) => outcome === 'fail');
  const isIncomplete = decisions.some(({ outcome }) => outcome === 'incomplete');
  const warnings = decisions.flatMap((decision) => decision.warnings);
  return {
    allowed: decisions.every(({ outcome }) => outcome === 'pass'),
    outcome: isFailure ? 'deny' : isIncomplete ? 'incomplete' : warnings.length > 0 ? 'warn' : 'allow',
    reasons: decisions.flatMap((decision) => decision.reasons),
    warnings,
    audits: decisions.flatMap((decision) => decision.audits),
    waived: decisions.flatMap((decision) => decision.waived),
    notAssessed: decisions.flatMap((decision) => decision.notAssessed),
  };
}
