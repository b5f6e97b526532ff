import type { EvaluationBudget } from './budget.js';
import type { CelType } from './cel-type.js';
import type { ExpressionInput } from './input.js';

/** Something wrong with the text of an expression. */
export interface ExpressionProblem {
  /** Characters (UTF-16 units) before the place. */
  readonly offset: number;
  /** One clause. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** The word that is not known, and those that are. */
  readonly unknown?: { readonly word: string; readonly known: readonly string[] } | undefined;
}

/** What an expression may mention. */
export type Declarations = Readonly<Record<string, CelType>>;

/** What an expression must give. */
export type WantedKind = 'bool' | 'string';

/** A checked expression. */
export interface Expression {
  readonly text: string;
  /** The declared variables that it needs. */
  readonly mentions: ReadonlySet<string>;
  /** Its value, or why there is none: never throws, and never costs more than the budget. */
  evaluate(lookUp: (name: string) => ExpressionInput | undefined, budget: EvaluationBudget): Evaluated;
}

/** A value of the wanted kind, or one clause. */
export type Evaluated = { readonly value: boolean | string } | { readonly fault: string };

/** Whoever makes programs of texts. Apart from its users, so that it is loaded only where there are expressions. */
export interface ExpressionCompiler {
  /** The program of a text, or all that is wrong with it. */
  readonly compileExpression: (
    text: string,
    options: { readonly variables: Declarations; readonly wanted: WantedKind },
  ) => Expression | readonly ExpressionProblem[];
}
