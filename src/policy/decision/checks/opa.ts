import type { OpaNeed } from '../../document/policy.js';
import { plain } from '../../document/quote.js';
import type { PolicyAnswer } from '../subject.js';
import type { CheckResult, SubjectCheck } from '../rule-check.js';

const shownTexts = 5;
const maxTextLength = 300;

/** What a policy engine outside says of a subject. What it refuses is refused, whatever else it says. */
export const opa = {
  id: 'opa',
  over: 'subject',
  needs: ['opa'],
  words({ url, needs }) {
    const told = needs.length === 0 ? '' : `, told of ${needs.map((need) => needWords[need]).join(' and ')}`;
    return `the policy engine at ${plain(url, 300)} refuses nothing${told}`;
  },
  judge(_check, { answer }) {
    if (answer.state === 'missing') {
      return { gaps: [{ code: 'OPA_UNAVAILABLE', subject: '', reason: answer.reason }] };
    }
    return { broken: brokenBy(answer), warnings: shown(answer.warn) };
  },
} as const satisfies SubjectCheck<'opa'>;

const needWords: Readonly<Record<OpaNeed, string>> = {
  scan: 'what scans find',
  workload: 'the analysis of the object',
};

function brokenBy({ allow, deny }: Extract<PolicyAnswer, { readonly state: 'answered' }>): CheckResult['broken'] {
  const fix = 'do as it says, or ask whoever keeps that policy';
  if (deny.length > 0) return { message: `the policy engine refuses it: ${shown(deny).join('; ')}`, fix };
  return allow === false ? { message: 'the policy engine does not allow it, and gives no reason', fix } : undefined;
}

function shown(texts: readonly string[]): readonly string[] {
  const first = texts.slice(0, shownTexts).map((text) => {
    const clause = plain(text.trim().replace(/\.$/, ''), maxTextLength);
    return clause === '' ? '(without words)' : clause;
  });
  const more = texts.length - first.length;
  return more > 0 ? [...first, `and ${more} more`] : first;
}
