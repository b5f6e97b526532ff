import { policyActions, type Action, type IncompleteAction, type PolicyRule } from '../document/policy.js';

/** What a rule does at a moment: from the day on which it hardens it denies. */
export function actionAt({ action, hardensAt }: Pick<PolicyRule, 'action' | 'hardensAt'>, now: Date): Action {
  return hardensAt && hardensAt.getTime() <= now.getTime() ? 'deny' : action;
}

export function weaker(a: Action, b: Action): Action {
  return policyActions.indexOf(a) < policyActions.indexOf(b) ? a : b;
}

/** Undefined of none. */
export function strongest(given: readonly Action[]): Action | undefined {
  return policyActions.findLast((action) => given.includes(action));
}

/** What is allowed is noted all the same. */
export function actionOfIncomplete(action: IncompleteAction): Action {
  return action === 'allow' ? 'audit' : action;
}
