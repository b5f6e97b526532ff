import type { Fact } from '../document/fact.js';
import type { Action, CheckId } from '../document/policy.js';
import type { FindingFact, ImagePlace, SubjectObject } from './subject.js';

/** The one verdict over a subject, and all that led to it. */
export interface Decision {
  /**
   * `fail`: a rule that denies is not met. `incomplete`: none is broken, but what could not be assessed is denied.
   * Only `pass` lets anything through.
   */
  readonly outcome: 'pass' | 'fail' | 'incomplete';
  /** What denies; empty for a pass. Images in the order of the subject, rules in that of the policy, then the workload. */
  readonly reasons: readonly Reason[];
  /** The same for what only warns. */
  readonly warnings: readonly Reason[];
  /** The same for what is only noted. */
  readonly audits: readonly Reason[];
  /** What an exception or a time of grace took away. */
  readonly waived: readonly Waived[];
  /** Rules that need what the subject does not carry. They count neither way. */
  readonly notAssessed: readonly NotAssessed[];
}

/** One rule that is not met, or could not be assessed, for one image or for the object. */
export interface Reason {
  /** Name of the rule. */
  readonly rule: string;
  /** `name`: the text is no image name. `incomplete`: what the rule needs could not be assessed. */
  readonly check: CheckId | 'name' | 'incomplete';
  /** After hardening. */
  readonly action: Action;
  /** One clause without the image's name, safe for a terminal. */
  readonly message: string;
  /** What to do, one clause. */
  readonly fix?: string | undefined;
  /** Of what could not be assessed. */
  readonly code?: string | undefined;
  /** As written in the subject; absent: it is about the object. */
  readonly image?: string | undefined;
  readonly place?: ImagePlace | undefined;
  readonly object?: SubjectObject | undefined;
  readonly namespace?: string | undefined;
  /** Of a rule over vulnerabilities: those that count, the worst first. */
  readonly findings?: readonly FindingFact[] | undefined;
  /** The rule is met, and this is worth knowing all the same. */
  readonly isNote?: true | undefined;
  /** It would have been this action, were the image not unchanged. */
  readonly insteadOf?: Action | undefined;
}

/** Something that a rule is about and that does not count, for now. */
export interface Waived {
  readonly rule: string;
  readonly image?: string | undefined;
  readonly place?: ImagePlace | undefined;
  /** The vulnerability; absent: all that the rule would have said. */
  readonly finding?: FindingFact | undefined;
  readonly by:
    | {
        readonly kind: 'exception';
        readonly reason?: string | undefined;
        readonly owner?: string | undefined;
        /** Of the exception in the policy document. */
        readonly line: number;
      }
    | { readonly kind: 'grace' };
  /** From this moment on it counts; absent: never. */
  readonly until?: Date | undefined;
}

/** A rule that was passed over. */
export interface NotAssessed {
  readonly rule: string;
  /** What it needs and the subject does not carry. */
  readonly needs: readonly Fact[];
  readonly image?: string | undefined;
}
