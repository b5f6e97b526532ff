import { element } from './elements.js';

interface OutcomeWords {
  readonly label: string;
  /** Beside the colour, for those who do not see it. */
  readonly sign: string;
  readonly kind: 'good' | 'odd' | 'bad' | 'plain';
}

const words: Readonly<Record<string, OutcomeWords>> = {
  allow: { label: 'Allowed', sign: '\u2713', kind: 'good' },
  warn: { label: 'Warned', sign: '!', kind: 'odd' },
  deny: { label: 'Denied', sign: '\u2715', kind: 'bad' },
  incomplete: { label: 'Incomplete', sign: '?', kind: 'bad' },
  error: { label: 'Error', sign: '\u2715', kind: 'bad' },
  'break-glass': { label: 'Break-glass', sign: '\u26a0', kind: 'odd' },
  exempt: { label: 'Exempt', sign: '\u2013', kind: 'plain' },
  'not-judged': { label: 'Not judged', sign: '\u2013', kind: 'plain' },
};

/** The outcome in a word and a sign, whatever the colours. */
export function outcomeBadge(outcome: string): HTMLElement {
  const { label, sign, kind } = words[outcome] ?? { label: outcome, sign: '?', kind: 'plain' };
  return element('span', { class: `badge ${kind}` }, element('span', { 'aria-hidden': 'true' }, sign), label);
}

export function outcomeLabel(outcome: string): string {
  return words[outcome]?.label ?? outcome;
}
