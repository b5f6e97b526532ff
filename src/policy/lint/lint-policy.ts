import type { YamlDocument } from '../../formats/index.js';
import { readPolicy } from '../document/parse-policy.js';
import type { ReadOptions } from '../document/read-options.js';
import { pathWords } from '../document/members.js';
import type { PolicyProblem } from '../document/problem.js';
import { lintEntries } from './lint-entries.js';
import { lintExceptions } from './lint-exceptions.js';
import { lintExpressions } from './lint-expressions.js';
import { lintRules } from './lint-rules.js';
import type { Oddity, PolicyLinter } from './oddity.js';

const linters: readonly PolicyLinter[] = [lintRules, lintEntries, lintExpressions, lintExceptions];

/** Everything that is wrong with a document; if nothing is, everything that is odd in it. In the order of its lines. */
export function lintPolicy(
  text: string,
  { now, expressions }: ReadOptions & { readonly now: Date },
): readonly PolicyProblem[] {
  const { policy, problems, document } = readPolicy(text, { expressions });
  if (!policy || !document) return problems;
  return linters
    .flatMap((linter) => linter(policy, now).map((oddity) => problemOf(document, oddity)))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function problemOf(document: YamlDocument, { path, code, message, hint }: Oddity): PolicyProblem {
  const { line, column } = document.locateNearest(path).place;
  return { severity: 'warning', code, line, column, path: pathWords(path), message, hint };
}
