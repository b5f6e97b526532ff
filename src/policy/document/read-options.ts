import type { ExpressionCompiler } from '../../expressions/index.js';

/** What reading needs from outside. */
export interface ReadOptions {
  /** Absent: a rule with expressions is an error. */
  readonly expressions?: ExpressionCompiler | undefined;
}
