import { RE2JS } from 're2js';
import { EvaluationFault, type Meter } from '../budget.js';
import { CelList, type CelValue } from '../value.js';
import type { CelFunction, Given } from './cel-function.js';

const maxPatternLength = 1000;
const maxProgram = 2000;
const stepsPerWork = 32;
const maxKept = 200;

const bool = { kind: 'bool' } as const;
const string = { kind: 'string' } as const;
const strings = { kind: 'list', of: string } as const;

/** Over patterns in the syntax of RE2, which take time in proportion to the text, whatever the pattern. */
export const patternFunctions: readonly CelFunction[] = [
  { name: 'matches', on: 'string', takes: ['string'], gives: bool, run: matches },
  { name: 'matches', takes: ['string', 'string'], gives: bool, run: matches },
  { name: 'find', on: 'string', takes: ['string'], gives: string, run: find },
  { name: 'findAll', on: 'string', takes: ['string'], gives: strings, run: (given) => findAll(given, -1) },
  {
    name: 'findAll',
    on: 'string',
    takes: ['string', 'int'],
    gives: strings,
    run: (given) => findAll(given, given.index(2)),
  },
];

interface Pattern {
  readonly re: RE2JS;
  readonly size: number;
}

const kept = new Map<string, Pattern | string>();

/** What is wrong with a pattern, in one clause; undefined of one that can be used. */
export function wrongWithPattern(text: string): string | undefined {
  const pattern = patternOf(text);
  return typeof pattern === 'string' ? pattern : undefined;
}

function patternOf(text: string): Pattern | string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const made = compile(text);
  const [oldest] = kept.keys();
  if (kept.size >= maxKept && oldest !== undefined) kept.delete(oldest);
  if (text.length <= maxPatternLength) kept.set(text, made);
  return made;
}

function compile(text: string): Pattern | string {
  if (text.length > maxPatternLength) return `the pattern has more than ${maxPatternLength} characters`;
  try {
    const re = RE2JS.compile(text);
    const size = re.programSize();
    return size > maxProgram ? 'the pattern is too large' : { re, size };
  } catch (error) {
    return error instanceof Error ? error.message : 'the pattern cannot be read';
  }
}

function prepared(text: string, patternText: string, meter: Meter): RE2JS {
  meter.spend(kept.has(patternText) ? 1 : 20 + patternText.length * 4);
  const pattern = patternOf(patternText);
  if (typeof pattern === 'string') throw new EvaluationFault(pattern);
  meter.spend(Math.ceil(((text.length + 1) * pattern.size) / stepsPerWork));
  return pattern.re;
}

function matches(given: Given): CelValue {
  return prepared(given.text(0), given.text(1), given.meter).test(given.text(0));
}

function find(given: Given): CelValue {
  const matcher = prepared(given.text(0), given.text(1), given.meter).matcher(given.text(0));
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(given: Given, most: number): CelValue {
  const text = given.text(0);
  const matcher = prepared(text, given.text(1), given.meter).matcher(text);
  const found: string[] = [];
  for (let left = most; left !== 0 && matcher.find(); left--) {
    // Each search may read all that is left.
    given.meter.spendText(text.length);
    found.push(matcher.group() ?? '');
  }
  return CelList.of(found);
}
