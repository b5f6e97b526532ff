/** Something wrong with a policy document (`error`: it cannot be used), or odd in it (`warning`). */
export interface PolicyProblem {
  readonly severity: 'error' | 'warning';
  readonly code: PolicyProblemCode;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `rules[0].registries.allow[1]`; empty: the document. */
  readonly path: string;
  /** One clause. */
  readonly message: string;
  /** What to write instead, one clause. */
  readonly hint?: string | undefined;
}

export type PolicyProblemCode =
  | 'NOT_YAML'
  | 'NOT_A_POLICY'
  | 'UNKNOWN_KEY'
  | 'REPEATED_KEY'
  | 'NOT_YET'
  | 'MISSING'
  | 'WRONG_TYPE'
  | 'WRONG_VALUE'
  | 'WRONG_ENTRY'
  | 'TOO_LARGE'
  | 'WRONG_EXPRESSION'
  | 'NOT_COMPILED'
  | 'NAME_TAKEN'
  | 'UNKNOWN_RULE'
  | 'NEVER_MATCHES'
  | 'UNREACHABLE'
  | 'EXPIRED'
  | 'DATE_PASSED'
  | 'WITHOUT_REASON'
  | 'WITHOUT_OWNER'
  | 'WITHOUT_END'
  | 'BY_LABEL'
  | 'SPELLING'
  | 'NO_FENCE'
  | 'NO_EFFECT';
