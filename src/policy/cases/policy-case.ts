import type { PolicyAnswer, PolicySubject } from '../decision/subject.js';

/** One try of a policy: what is judged, and what should come of it. */
export interface PolicyCase {
  readonly name: string;
  readonly subject: PolicySubject;
  /** What policy engines outside would answer; absent: nobody asks them. */
  readonly engines?: EngineAnswers | undefined;
  /** The time at which it is judged; absent: now. */
  readonly now?: Date | undefined;
  readonly expected: ExpectedDecision;
  /** Of the case in its file, from 1. */
  readonly line: number;
}

/** What the rules that ask a policy engine are answered: those by name, then all others. */
export interface EngineAnswers {
  readonly byRule: ReadonlyMap<string, PolicyAnswer>;
  readonly ofAll: PolicyAnswer | undefined;
}

/** A part that is absent may be anything. */
export interface ExpectedDecision {
  readonly outcome: 'pass' | 'fail' | 'incomplete';
  /** Names of the rules that deny, warn, or only note, all of them. */
  readonly denies?: readonly string[] | undefined;
  readonly warns?: readonly string[] | undefined;
  readonly audits?: readonly string[] | undefined;
}

/** The cases of a file. */
export interface PolicyCases {
  /** Path of the policy, beside the file; absent: the file's own name without `.test`. */
  readonly policy?: string | undefined;
  readonly cases: readonly PolicyCase[];
}
