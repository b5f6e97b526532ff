import type { Expression, ExpressionProblem, WantedKind } from '../../expressions/index.js';
import type { Fact } from './fact.js';
import { expressionVariables, variableNames, variableTypes } from './expression-variables.js';
import type { Members, TextOrObject } from './members.js';
import { elsewhereWords } from './elsewhere-words.js';
import { nearestWord } from './nearest-word.js';
import type { ExpressionEntry, ExpressionsCheck } from './policy.js';
import type { PolicyProblem } from './problem.js';
import { plain, quote } from './quote.js';
import type { ReadOptions } from './read-options.js';

const maxEntries = 100;

/** The rule of expressions, each compiled. */
export function readExpressions(rule: Members, options: ReadOptions): ExpressionsCheck | undefined {
  const items = rule.textsOrObjects('expressions');
  if (!items) return undefined;
  if (items.length > maxEntries || rule.isEmpty('expressions')) {
    const message = items.length > 0 ? `there are more than ${maxEntries} expressions` : 'expressions names none';
    rule.problem('expressions', { code: items.length > 0 ? 'TOO_LARGE' : 'WRONG_VALUE', message });
    return undefined;
  }
  if (!options.expressions) {
    const hint = 'read it with loadPolicy, which brings the compiler';
    rule.problem('expressions', { code: 'NOT_COMPILED', message: 'expressions cannot be compiled here', hint });
    return undefined;
  }
  return { id: 'expressions', entries: items.flatMap((item) => readEntry(item, options) ?? []) };
}

function readEntry({ text, members, problem }: TextOrObject, options: ReadOptions): ExpressionEntry | undefined {
  if (!members) {
    if (text?.trim() !== '') return entryOf(compile(text, 'bool', options, problem));
    problem({ code: 'WRONG_VALUE', message: 'the expression is empty' });
    return undefined;
  }
  members.only(['expression', 'message', 'messageExpression']);
  if (!members.has('expression')) {
    const hint = 'add "expression:" with what must be true';
    members.problem(undefined, { code: 'MISSING', message: 'the expression is missing', hint });
  }
  const compiled = (key: string, wanted: WantedKind): Expression | undefined =>
    compile(members.text(key), wanted, options, (wrong) => members.problem(key, wrong));
  const expression = compiled('expression', 'bool');
  const messageExpression = compiled('messageExpression', 'string');
  const message = members.text('message')?.replaceAll(/\s+/g, ' ').trim();
  const entry = entryOf(expression);
  return entry && { ...entry, message, messageExpression };
}

function compile(
  text: string | undefined,
  wanted: WantedKind,
  { expressions }: ReadOptions,
  problem: (wrong: Pick<PolicyProblem, 'code' | 'message' | 'hint'>) => void,
): Expression | undefined {
  if (text === undefined) return undefined;
  const compiled = expressions?.compileExpression(text, { variables: variableTypes, wanted });
  if (!compiled) return undefined;
  if (!isProblems(compiled)) return compiled;
  for (const one of compiled) {
    const message = `${placeIn(text, one.offset)}: ${plain(one.message, 300)}`;
    problem({ code: 'WRONG_EXPRESSION', message, hint: hintOf(one) });
  }
  return undefined;
}

function isProblems(compiled: Expression | readonly ExpressionProblem[]): compiled is readonly ExpressionProblem[] {
  return Array.isArray(compiled);
}

function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  const character = `character ${(before.at(-1)?.length ?? 0) + 1}`;
  return before.length > 1 ? `line ${before.length} of the expression, ${character}` : character;
}

function hintOf({ hint, unknown }: ExpressionProblem): string | undefined {
  if (!unknown) return hint;
  const elsewhere = elsewhereWords.get(unknown.word);
  if (elsewhere !== undefined) return elsewhere;
  const near = nearestWord(unknown.word, unknown.known);
  if (near !== undefined) return `did you mean ${near}?`;
  return unknown.known.length > 20 ? undefined : `known here: ${unknown.known.map((one) => quote(one)).join(', ')}`;
}

function entryOf(expression: Expression | undefined): ExpressionEntry | undefined {
  if (!expression) return undefined;
  const mentioned = variableNames.filter((name) => expression.mentions.has(name));
  const isOfImage = mentioned.some((name) => expressionVariables[name].ofImage);
  const needs = mentioned.flatMap((name): readonly Fact[] => {
    const fact: Fact | undefined = expressionVariables[name].needs;
    return fact === undefined ? [] : [fact];
  });
  return { expression, over: isOfImage ? 'image' : 'subject', needs: [...new Set(needs)].sort() };
}
