import { actionAt, type Decision, type Policy } from '../policy/index.js';

/**
 * Where not one rule of the policy could be assessed, a pass would say nothing: whoever asks on the command line can tell
 * what is missing, so that it is incomplete, as far as a rule denies and the policy denies what is incomplete.
 */
export function heedNothingAssessed(policy: Policy, decision: Decision, now: Date): Decision {
  const open = new Set(decision.notAssessed.map(({ rule }) => rule));
  if (decision.outcome !== 'pass' || !policy.rules.every(({ name }) => open.has(name))) return decision;
  const rule = policy.rules.find((one) => actionAt(one, now) === 'deny');
  const action = policy.incomplete.codes.get('NOTHING_ASSESSED') ?? policy.incomplete.action;
  if (!rule || action === 'allow') return decision;
  const reason = {
    rule: rule.name,
    check: 'incomplete',
    action,
    code: 'NOTHING_ASSESSED',
    message: 'no rule of the policy could be assessed',
    fix: 'name what the rules need, as told under "Not assessed"',
  } as const;
  return action === 'warn'
    ? { ...decision, warnings: [...decision.warnings, reason] }
    : { ...decision, outcome: 'incomplete', reasons: [reason] };
}
