import type { ExpressionEntry, Policy } from '../document/policy.js';
import type { Oddity } from './oddity.js';

/** Expressions that ask about nothing, that say the same twice, or that read a risk from what may not be there. */
export function lintExpressions({ rules }: Policy): readonly Oddity[] {
  return rules.flatMap((rule, at) => {
    if (rule.check.id !== 'expressions') return [];
    const { entries } = rule.check;
    return entries.flatMap((entry, index) => [
      ...lintConstant(entry, ['rules', at, 'expressions', index]),
      ...lintTwin(entries, index, ['rules', at, 'expressions', index]),
    ]);
  });
}

function lintConstant({ expression }: ExpressionEntry, path: Oddity['path']): readonly Oddity[] {
  if ([...expression.mentions].some((name) => name !== 'now')) return [];
  const message = 'the expression asks about no image and no object: it is the same for all';
  return [{ path, code: 'NO_EFFECT', message, hint: 'name what it is about (image, object, labels...)' }];
}

function lintTwin(entries: readonly ExpressionEntry[], at: number, path: Oddity['path']): readonly Oddity[] {
  const text = entries[at]?.expression.text.trim();
  if (!entries.slice(0, at).some(({ expression }) => expression.text.trim() === text)) return [];
  return [{ path, code: 'UNREACHABLE', message: 'the same expression stands before', hint: 'leave one of them out' }];
}
