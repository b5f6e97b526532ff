import type { ASTNode } from '@marcbachmann/cel-js';
import { EvaluationFault, Meter, type EvaluationBudget } from './budget.js';
import { typeName } from './cel-type.js';
import { checkTree } from './check-tree.js';
import { TreeEvaluation } from './evaluate-tree.js';
import type { Declarations, Evaluated, Expression, ExpressionProblem, WantedKind } from './expression.js';
import { fromInput, type ExpressionInput } from './input.js';
import { Patterns, type Pattern } from './patterns.js';
import { parseTree } from './tree.js';
import { kindOf, type CelValue } from './value.js';

/** Steps of one evaluation: some tenths of a second at the very most. */
const maxSteps = 400_000;

/** The program of a text, or all that is wrong with it. */
export function compileExpression(
  text: string,
  { variables, wanted }: { readonly variables: Declarations; readonly wanted: WantedKind },
): Expression | readonly ExpressionProblem[] {
  const tree = parseTree(text);
  if (!('op' in tree)) return [tree];
  const { type, mentions, patterns, problems } = checkTree(tree, variables);
  if (problems.length > 0) return problems;
  if (type.kind !== wanted && type.kind !== 'dyn') {
    return [{ offset: 0, message: `the expression gives ${typeName(type)}, and ${wanted} is demanded` }];
  }
  return new CompiledExpression(text, tree, { variables, wanted, mentions, patterns });
}

class CompiledExpression implements Expression {
  readonly text: string;
  readonly #tree: ASTNode;
  readonly #variables: Declarations;
  readonly #wanted: WantedKind;
  readonly #mentions: ReadonlySet<string>;
  readonly #patterns: ReadonlyMap<string, Pattern>;

  constructor(
    text: string,
    tree: ASTNode,
    known: {
      readonly variables: Declarations;
      readonly wanted: WantedKind;
      readonly mentions: ReadonlySet<string>;
      readonly patterns: ReadonlyMap<string, Pattern>;
    },
  ) {
    this.text = text;
    this.#tree = tree;
    this.#variables = known.variables;
    this.#wanted = known.wanted;
    this.#mentions = known.mentions;
    this.#patterns = known.patterns;
  }

  get mentions(): ReadonlySet<string> {
    return this.#mentions;
  }

  evaluate(lookUp: (name: string) => ExpressionInput | undefined, budget: EvaluationBudget): Evaluated {
    const values = new Map<string, CelValue>();
    const valueOf = (name: string): CelValue | undefined => {
      const known = values.get(name);
      if (known !== undefined) return known;
      const [input, type] = [lookUp(name), this.#variables[name]];
      if (input === undefined || !type) return undefined;
      const value = fromInput(input, type);
      values.set(name, value);
      return value;
    };
    try {
      const around = { meter: new Meter(budget, maxSteps), patterns: new Patterns(this.#patterns) };
      const value = new TreeEvaluation(valueOf, around).valueOf(this.#tree, undefined);
      if (typeof value === 'boolean' && this.#wanted === 'bool') return { value };
      if (typeof value === 'string' && this.#wanted === 'string') return { value };
      return { fault: `the expression gives ${kindOf(value)}, and ${this.#wanted} is demanded` };
    } catch (error) {
      if (error instanceof EvaluationFault) return { fault: error.message };
      // A text past what the engine holds, or a stack: an answer all the same.
      if (error instanceof RangeError) return { fault: 'the input is too large to evaluate the expression' };
      throw error;
    }
  }
}
