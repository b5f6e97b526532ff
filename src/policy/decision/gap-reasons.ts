import type { Action, IncompleteHandling } from '../document/policy.js';
import { plain } from '../document/quote.js';
import { actionOfIncomplete, strongest, weaker } from './action.js';
import type { Reason } from './decision.js';
import type { UnknownFact } from './subject.js';

/** What a rule could not assess of one image or object. */
export interface RuleGaps {
  readonly rule: string;
  readonly action: Action;
  readonly gaps: readonly UnknownFact[];
}

/** One reason for each code, in the order in which the codes come: by the rule that would do the most. */
export function gapReasons(ofRules: readonly RuleGaps[], handling: IncompleteHandling): readonly Reason[] {
  const codes = new Set(ofRules.flatMap(({ gaps }) => gaps.map(({ code }) => code)));
  return [...codes].flatMap((code): Reason[] => {
    const concerned = ofRules.filter(({ gaps }) => gaps.some((gap) => gap.code === code));
    const cap = actionOfIncomplete(actionOfCode(code, handling));
    const action = strongest(concerned.map((one) => weaker(one.action, cap)));
    const rule = concerned.find((one) => weaker(one.action, cap) === action);
    const gaps = distinct(concerned.flatMap((one) => one.gaps.filter((gap) => gap.code === code)));
    const [first] = gaps;
    if (!rule || !first || action === undefined) return [];
    const more = gaps.length > 1 ? ` (and ${gaps.length - 1} more like it)` : '';
    const message = `${clauseOf(first)}${more}`;
    return [{ rule: rule.rule, check: 'incomplete', action, code, message, fix: fixes[code] ?? commonFix }];
  });
}

function actionOfCode(code: string, handling: IncompleteHandling): IncompleteHandling['action'] {
  if (code === 'SCAN_PENDING') return handling.pending;
  return handling.codes.get(code) ?? handling.action;
}

const commonFix = 'see what the report says of it, or accept it under incomplete.codes in the policy';

const fixes: Readonly<Record<string, string>> = {
  SCAN_PENDING: 'try again in a moment',
  SCAN_FAILED: 'make the image readable for the scan, then try again',
  NOT_SCANNED: 'have it scanned (without --no-scan), then try again',
  SCAN_AGE_UNKNOWN: 'scan the image again',
  DATABASE_AGE_UNKNOWN: 'install a database that tells its age (tidewaiter db update)',
  FOREIGN_REPORT: 'make the report with tidewaiter, which says what it could not assess',
  REPORT_NARROWED: 'make the report without these options',
  OPA_UNAVAILABLE: 'see whether the policy engine runs and can be reached from here',
  EXPRESSION_FAILED:
    'guard what may be absent in the expression (has(...)), or bring an object that it can be asked of',
  MANIFEST_UNASSESSED: 'mend the manifest so that it can be read',
};

function distinct(gaps: readonly UnknownFact[]): readonly UnknownFact[] {
  return [...new Map(gaps.map((gap) => [`${gap.subject}\n${gap.reason}`, gap])).values()];
}

function clauseOf({ subject, reason }: UnknownFact): string {
  const clause = reason.trim().replace(/\.$/, '');
  return plain(clause.includes(subject) || subject === '' ? clause : `${subject}: ${clause}`, 400);
}
