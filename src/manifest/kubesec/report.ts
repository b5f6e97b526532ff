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

/** The reports as kubesec prints them, byte for byte, with the line end. */
export function kubesecJson(reports: readonly KubesecReport[]): string {
  return `${escapeForHtml(JSON.stringify(reports.map(document), null, 2))}\n`;
}

function document({ object, valid, fileName, message, score, scoring }: KubesecReport): object {
  const { critical, passed, advise } = scoring;
  return {
    object,
    valid,
    fileName,
    ...(message === '' ? {} : { message }),
    score,
    scoring: { ...list('critical', critical), ...list('passed', passed), ...list('advise', advise) },
  };
}

function list(name: string, rules: readonly KubesecRule[]): object {
  if (rules.length === 0) return {};
  return { [name]: rules.map(({ id, selector, reason, points }) => ({ id, selector, reason, points })) };
}

/** Go's JSON writer keeps its output safe inside HTML. */
export function escapeForHtml(json: string): string {
  return json.replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
