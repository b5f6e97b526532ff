import type { ExpressionEntry } from '../../document/policy.js';
import { plain } from '../../document/quote.js';
import type { CheckResult, ExpressionRuleCheck, VariableSource } from '../rule-check.js';
import type { UnknownFact } from '../subject.js';
import type { EvaluationBudget } from '../../../expressions/index.js';

const shownMessages = 5;
const maxMessageLength = 300;

/** What the author of the policy demands in expressions. One that has no value is a gap, never met. */
export const expressions = {
  id: 'expressions',
  over: 'expressions',
  needs: [],
  words({ entries }) {
    const shown = entries.slice(0, shownMessages).map(({ message, expression }) => message ?? textOf(expression.text));
    const more = entries.length - shown.length;
    return `${shown.map((one) => plain(one, maxMessageLength)).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  },
  judge(entries, { lookUp, budget }) {
    const broken: string[] = [];
    const gaps: UnknownFact[] = [];
    for (const entry of entries) {
      const found = entry.expression.evaluate(lookUp, budget);
      if ('fault' in found) gaps.push(gapOf(entry, found.fault));
      else if (found.value !== true) broken.push(messageOf(entry, lookUp, budget));
    }
    return { broken: brokenBy(broken), gaps };
  },
} as const satisfies ExpressionRuleCheck<'expressions'>;

function brokenBy(messages: readonly string[]): CheckResult['broken'] {
  if (messages.length === 0) return undefined;
  const more = messages.length - shownMessages;
  const shown = messages.slice(0, shownMessages).join('; ');
  return {
    message: more > 0 ? `${shown}; and ${more} more` : shown,
    fix: 'change it so that this holds, or ask who keeps the policy',
  };
}

/** What says the most, as far as it has a value: as Kubernetes does, a message that fails is no reason to pass. */
function messageOf(entry: ExpressionEntry, lookUp: VariableSource, budget: EvaluationBudget): string {
  const made = entry.messageExpression?.evaluate(lookUp, budget);
  const text = made && 'value' in made && typeof made.value === 'string' ? made.value.trim() : '';
  if (text !== '') return plain(text, maxMessageLength);
  return plain(entry.message ?? `it does not meet ${textOf(entry.expression.text)}`, maxMessageLength);
}

function gapOf({ expression }: ExpressionEntry, fault: string): UnknownFact {
  const reason = `${textOf(expression.text)} has no value: ${plain(fault, maxMessageLength)}`;
  return { code: 'EXPRESSION_FAILED', subject: '', reason };
}

function textOf(text: string): string {
  return plain(text.replaceAll(/\s+/g, ' ').trim(), 150);
}
