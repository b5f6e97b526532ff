import { severityRank } from '../../../findings/index.js';
import { plain } from '../../document/quote.js';
import { met, type CheckOf, type WorkloadCheck } from '../rule-check.js';
import type { ManifestFact } from '../subject.js';

const shown = 3;

/** What the analysis of manifests may not find. */
export const manifest = {
  id: 'manifest',
  over: 'workload',
  needs: ['manifest'],
  words({ severities: wanted, rules, except }) {
    const kinds = wanted === undefined ? '' : ` of severity ${wanted.join(', ')}`;
    const named = rules === undefined ? '' : ` by the rules ${rules.map((one) => plain(one)).join(', ')}`;
    const without = except.length === 0 ? '' : `, ${except.map((one) => plain(one)).join(', ')} aside`;
    return `the analysis of manifests finds nothing${kinds}${named}${without}`;
  },
  judge(check, { findings }) {
    if (findings === undefined) return undefined;
    const counting = findings
      .filter((finding) => counts(check, finding))
      .sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
    const [first] = counting;
    if (!first) return met;
    const list = counting.slice(0, shown).map(wordsOf).join('; ');
    const more = counting.length > shown ? ` and ${counting.length - shown} more` : '';
    return { broken: { message: `${list}${more}`, fix: plain(first.fix ?? 'mend the fields that are named', 300) } };
  },
} as const satisfies WorkloadCheck<'manifest'>;

function counts({ severities, rules, except }: CheckOf<'manifest'>, finding: ManifestFact): boolean {
  const names = [finding.ruleId, finding.rule];
  if (severities && !severities.includes(finding.severity)) return false;
  if (rules && !rules.some((name) => names.includes(name))) return false;
  return !except.some((name) => names.includes(name));
}

function wordsOf({ ruleId, message, container }: ManifestFact): string {
  return plain(`${ruleId} ${message}${container === undefined ? '' : ` (container ${container})`}`, 300);
}
