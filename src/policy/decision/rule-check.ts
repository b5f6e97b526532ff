import type { EvaluationBudget, ExpressionInput } from '../../expressions/index.js';
import type { CheckId, ExpressionEntry, PolicyCheck } from '../document/policy.js';
import type { Reference } from '../../reference/index.js';
import type { Fact } from '../document/fact.js';
import type { Waived } from './decision.js';
import type { FindingFact, PolicyAnswer, ScanFacts, SubjectImage, UnknownFact, WorkloadFacts } from './subject.js';

/** What a demand makes of an image or an object. */
export interface CheckResult {
  /** It is not met. */
  readonly broken?:
    | {
        /** One clause, without the image's name. */
        readonly message: string;
        readonly fix: string;
        readonly findings?: readonly FindingFact[] | undefined;
      }
    | undefined;
  /** Worth telling the user, one clause each; never stronger than the rule itself. */
  readonly warnings?: readonly string[] | undefined;
  /** It is met, and something is worth saying all the same. */
  readonly note?: { readonly message: string; readonly fix: string } | undefined;
  /** What it had to know, and the subject does not carry. */
  readonly open?: readonly Fact[] | undefined;
  /** What could not be assessed. */
  readonly gaps?: readonly UnknownFact[] | undefined;
  /** Findings that do not count for now. */
  readonly waived?: readonly WaivedFinding[] | undefined;
}

export type WaivedFinding = Pick<Waived, 'by' | 'until'> & { readonly finding: FindingFact };

/** Asked for each finding that would count. */
export type FindingWaiver = (finding: FindingFact) => WaivedFinding | undefined;

export type CheckOf<Id extends CheckId> = Extract<PolicyCheck, { readonly id: Id }>;

/** A demand on the name of an image. */
export interface NameCheck<Id extends CheckId> {
  readonly id: Id;
  readonly over: 'name';
  readonly needs: readonly Fact[];
  /** What it demands, as a sentence without its full stop. */
  words(check: CheckOf<Id>): string;
  judge(check: CheckOf<Id>, input: { readonly image: SubjectImage; readonly reference: Reference }): CheckResult;
}

/** A demand on what a scan found. */
export interface ScanResultCheck<Id extends CheckId> {
  readonly id: Id;
  readonly over: 'scan';
  readonly needs: readonly Fact[];
  /** What it demands, as a sentence without its full stop. */
  words(check: CheckOf<Id>): string;
  judge(
    check: CheckOf<Id>,
    input: { readonly facts: ScanFacts; readonly now: Date; readonly waive: FindingWaiver },
  ): CheckResult;
}

/** A demand on an object; undefined where the subject does not carry what it needs. */
export interface WorkloadCheck<Id extends CheckId> {
  readonly id: Id;
  readonly over: 'workload';
  readonly needs: readonly Fact[];
  /** What it demands, as a sentence without its full stop. */
  words(check: CheckOf<Id>): string;
  judge(check: CheckOf<Id>, facts: WorkloadFacts): CheckResult | undefined;
}

/** A demand on a subject as a whole, which somebody else answers. */
export interface SubjectCheck<Id extends CheckId> {
  readonly id: Id;
  readonly over: 'subject';
  readonly needs: readonly Fact[];
  /** What it demands, as a sentence without its full stop. */
  words(check: CheckOf<Id>): string;
  judge(check: CheckOf<Id>, input: { readonly answer: PolicyAnswer }): CheckResult;
}

/** Demands of the policy's author in a language of its own, on images or on a subject as a whole. */
export interface ExpressionRuleCheck<Id extends CheckId> {
  readonly id: Id;
  readonly over: 'expressions';
  /** Each expression has needs of its own. */
  readonly needs: readonly Fact[];
  /** What it demands, as a sentence without its full stop. */
  words(check: CheckOf<Id>): string;
  judge(
    entries: readonly ExpressionEntry[],
    input: { readonly lookUp: VariableSource; readonly budget: EvaluationBudget },
  ): CheckResult;
}

/** The values of an expression's variables; undefined: there is none. */
export type VariableSource = (name: string) => ExpressionInput | undefined;

/** Nothing to say. */
export const met: CheckResult = {};
