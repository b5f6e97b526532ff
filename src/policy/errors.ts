import { TidewaiterError } from '../core/index.js';
import type { PolicyProblem } from './document/problem.js';

/** A policy or its cases that cannot be used as it stands: guessing what it meant could hide findings. */
export class PolicyError extends TidewaiterError<'INVALID_POLICY' | 'INVALID_CASES'> {
  /** Of a policy: everything that is wrong with it, in the order of its lines. */
  readonly problems: readonly PolicyProblem[];

  constructor(
    code: 'INVALID_POLICY' | 'INVALID_CASES',
    message: string,
    options: {
      readonly hint?: string | undefined;
      readonly cause?: unknown;
      readonly problems?: readonly PolicyProblem[] | undefined;
    } = {},
  ) {
    super(code, message, options);
    this.problems = options.problems ?? [];
  }
}
