import { CelList, type CelValue } from '../value.js';
import type { CelFunction, Given } from './cel-function.js';

const bool = { kind: 'bool' } as const;
const string = { kind: 'string' } as const;
const strings = { kind: 'list', of: string } as const;

/** Over texts and patterns. */
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

function matches(given: Given): CelValue {
  return given.pattern(1, given.text(0)).test(given.text(0));
}

function find(given: Given): CelValue {
  const matcher = given.pattern(1, given.text(0)).matcher(given.text(0));
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(given: Given, most: number): CelValue {
  const text = given.text(0);
  const matcher = given.pattern(1, text).matcher(text);
  const found: string[] = [];
  for (let left = most; left !== 0 && matcher.find(); left--) {
    // Each search may read all that is left.
    given.pattern(1, text);
    found.push(matcher.group() ?? '');
  }
  return CelList.of(found);
}
