/** What evaluations may still cost together, in steps; a long text costs steps by its length. */
export interface EvaluationBudget {
  left: number;
}

/** An expression has no value for this input: one clause. */
export class EvaluationFault extends Error {}

/** It may have a value, and finding it takes too long: nothing in an expression can answer for it. */
export class BudgetFault extends EvaluationFault {
  constructor() {
    super('the input is too large to evaluate the expression');
  }
}

/** Counts one evaluation against its own bound and against that of all together. */
export class Meter {
  readonly #budget: EvaluationBudget;
  #left: number;

  constructor(budget: EvaluationBudget, most: number) {
    this.#budget = budget;
    this.#left = most;
  }

  /** @throws BudgetFault */
  spend(steps: number): void {
    // What is not done costs the others nothing.
    const isTooMuch = steps > this.#left || steps > this.#budget.left;
    const spent = isTooMuch ? Math.max(0, Math.min(this.#left, this.#budget.left)) : steps;
    this.#left -= spent;
    this.#budget.left -= spent;
    if (isTooMuch) throw new BudgetFault();
  }

  /** For reading or writing so many characters. @throws BudgetFault */
  spendText(characters: number): void {
    this.spend(1 + Math.ceil(characters / charactersPerStep));
  }
}

const charactersPerStep = 32;
