import type { KubesecRule } from './rule.js';

/** What kubesec says of one object. */
export interface KubesecReport {
  readonly object: string;
  readonly valid: boolean;
  readonly fileName: string;
  readonly message: string;
  readonly score: number;
  readonly scoring: KubesecScoring;
  /** Some rule was for its kind: its score says something. */
  readonly scored: boolean;
}

export interface KubesecScoring {
  readonly critical: readonly KubesecRule[];
  readonly passed: readonly KubesecRule[];
  readonly advise: readonly KubesecRule[];
}

export const emptyScoring: KubesecScoring = { critical: [], passed: [], advise: [] };

/** A score at or below it fails. */
export const failingScore = 0;

/** The reports as kubesec prints them, byte for byte and in pieces, with the line end. */
export function* kubesecJson(reports: Iterable<KubesecReport>): Iterable<string> {
  let between = '[\n';
  for (const report of reports) {
    yield `${between}${reportText(report)}`;
    between = ',\n';
  }
  yield between === '[\n' ? '[]\n' : '\n]\n';
}

function reportText({ object, valid, fileName, message, score, scoring }: KubesecReport): string {
  const lists = [
    listText('critical', scoring.critical),
    listText('passed', scoring.passed),
    listText('advise', scoring.advise),
  ].filter((list) => list !== '');
  return [
    '  {\n',
    `    "object": ${text(object)},\n`,
    `    "valid": ${valid},\n`,
    `    "fileName": ${text(fileName)},\n`,
    message === '' ? '' : `    "message": ${text(message)},\n`,
    `    "score": ${score},\n`,
    lists.length === 0 ? '    "scoring": {}\n' : `    "scoring": {\n${lists.join(',\n')}\n    }\n`,
    '  }',
  ].join('');
}

function listText(name: string, rules: readonly KubesecRule[]): string {
  return rules.length === 0 ? '' : `      "${name}": [\n${rules.map(ruleText).join(',\n')}\n      ]`;
}

/** Rules never change: most of a report is the same few texts. */
const ruleTexts = new WeakMap<KubesecRule, string>();

function ruleText(rule: KubesecRule): string {
  let known = ruleTexts.get(rule);
  if (known === undefined) {
    const { id, selector, reason, points } = rule;
    const json = escapeForHtml(JSON.stringify({ id, selector, reason, points }, null, 2));
    known = json.replaceAll(/^/gm, '        ');
    ruleTexts.set(rule, known);
  }
  return known;
}

function text(value: string): string {
  return escapeForHtml(JSON.stringify(value));
}

/** Go's JSON writer keeps its output safe inside HTML. */
export function escapeForHtml(json: string): string {
  return json.replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
