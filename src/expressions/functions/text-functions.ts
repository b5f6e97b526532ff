import { EvaluationFault, type Meter } from '../budget.js';
import { CelList, type CelValue } from '../value.js';
import type { CelFunction, Given } from './cel-function.js';
import { CodePoints, spendSearch } from './code-points.js';

const bool = { kind: 'bool' } as const;
const int = { kind: 'int' } as const;
const string = { kind: 'string' } as const;
const strings = { kind: 'list', of: string } as const;

/** Over texts, by code points. */
export const textFunctions: readonly CelFunction[] = [
  { name: 'startsWith', on: 'string', takes: ['string'], gives: bool, run: startsWith },
  { name: 'endsWith', on: 'string', takes: ['string'], gives: bool, run: endsWith },
  { name: 'contains', on: 'string', takes: ['string'], gives: bool, run: (given) => search(given, 0) >= 0n },
  { name: 'indexOf', on: 'string', takes: ['string'], gives: int, run: (given) => search(given, 0) },
  {
    name: 'indexOf',
    on: 'string',
    takes: ['string', 'int'],
    gives: int,
    run: (given) => search(given, given.index(2)),
  },
  { name: 'lastIndexOf', on: 'string', takes: ['string'], gives: int, run: (given) => searchBack(given, undefined) },
  {
    name: 'lastIndexOf',
    on: 'string',
    takes: ['string', 'int'],
    gives: int,
    run: (given) => searchBack(given, given.index(2)),
  },
  { name: 'charAt', on: 'string', takes: ['int'], gives: string, run: charAt },
  { name: 'substring', on: 'string', takes: ['int'], gives: string, run: substring },
  { name: 'substring', on: 'string', takes: ['int', 'int'], gives: string, run: substring },
  { name: 'lowerAscii', on: 'string', takes: [], gives: string, run: (given) => inCase(given, 'A', 32) },
  { name: 'upperAscii', on: 'string', takes: [], gives: string, run: (given) => inCase(given, 'a', -32) },
  { name: 'trim', on: 'string', takes: [], gives: string, run: trim },
  { name: 'replace', on: 'string', takes: ['string', 'string'], gives: string, run: (given) => replace(given, -1) },
  {
    name: 'replace',
    on: 'string',
    takes: ['string', 'string', 'int'],
    gives: string,
    run: (given) => replace(given, given.index(3)),
  },
  { name: 'split', on: 'string', takes: ['string'], gives: strings, run: (given) => split(given, -1) },
  {
    name: 'split',
    on: 'string',
    takes: ['string', 'int'],
    gives: strings,
    run: (given) => split(given, given.index(2)),
  },
  { name: 'join', on: 'list', takes: [], gives: string, run: (given) => join(given, '') },
  { name: 'join', on: 'list', takes: ['string'], gives: string, run: (given) => join(given, given.text(1)) },
];

function startsWith(given: Given): CelValue {
  given.meter.spendText(given.text(1).length);
  return given.text(0).startsWith(given.text(1));
}

function endsWith(given: Given): CelValue {
  given.meter.spendText(given.text(1).length);
  return given.text(0).endsWith(given.text(1));
}

function search(given: Given, from: number): bigint {
  const [text, part] = [given.text(0), given.text(1)];
  const points = new CodePoints(text, given.meter);
  if (from < 0 || from > points.length) throw outside(from);
  spendSearch(text, part, given.meter);
  const unit = text.indexOf(part, points.unitOf(from));
  return unit === -1 ? -1n : BigInt(points.pointOf(unit));
}

function searchBack(given: Given, from: number | undefined): bigint {
  const [text, part] = [given.text(0), given.text(1)];
  const points = new CodePoints(text, given.meter);
  if (from !== undefined && (from < 0 || from > points.length)) throw outside(from);
  spendSearch(text, part, given.meter);
  const unit = text.lastIndexOf(part, from === undefined ? undefined : points.unitOf(from));
  return unit === -1 ? -1n : BigInt(points.pointOf(unit));
}

function charAt(given: Given): CelValue {
  const points = new CodePoints(given.text(0), given.meter);
  const at = given.index(1);
  if (at < 0 || at > points.length) throw outside(at);
  return points.slice(at, Math.min(at + 1, points.length));
}

function substring(given: Given): CelValue {
  const points = new CodePoints(given.text(0), given.meter);
  const from = given.index(1);
  const to = given.any(2) === null ? points.length : given.index(2);
  if (from < 0 || from > points.length) throw outside(from);
  if (to < from || to > points.length) throw outside(to);
  return points.slice(from, to);
}

function inCase(given: Given, first: 'A' | 'a', distance: number): string {
  given.meter.spendText(given.text(0).length * 4);
  const letters = first === 'A' ? /[A-Z]+/g : /[a-z]+/g;
  return given.text(0).replaceAll(letters, (run) => (distance > 0 ? run.toLowerCase() : run.toUpperCase()));
}

function trim(given: Given): CelValue {
  given.meter.spendText(given.text(0).length);
  // The same characters as White_Space of Unicode: without the mark of byte order, with the next line.
  const text = given.text(0);
  let [from, to] = [0, text.length];
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return unit === 0x85 || (unit !== 0xfeff && /\s/.test(String.fromCharCode(unit)));
}

function replace(given: Given, most: number): CelValue {
  const [text, part, by] = [given.text(0), given.text(1), given.text(2)];
  const parts = partsOf(text, part, most < 0 ? Number.POSITIVE_INFINITY : most, given.meter);
  if (part === '' && parts.length > 0) return replaceNothing(parts, by, most, given.meter);
  given.meter.spendText(text.length + (parts.length - 1) * by.length);
  return parts.join(by);
}

/** Before every code point and at the end, as far as it may be done. */
function replaceNothing(points: readonly string[], by: string, most: number, meter: Meter): string {
  const times = Math.min(most < 0 ? Number.POSITIVE_INFINITY : most, points.length + 1);
  meter.spendText((times + 1) * by.length + points.length);
  const before = points.map((point, at) => (at < times ? by + point : point)).join('');
  return times > points.length ? before + by : before;
}

function split(given: Given, most: number): CelValue {
  if (most === 0) return CelList.of([]);
  const cuts = most < 0 ? Number.POSITIVE_INFINITY : most - 1;
  const [text, part] = [given.text(0), given.text(1)];
  const parts = partsOf(text, part, cuts, given.meter);
  if (part !== '' || parts.length <= cuts + 1) return CelList.of(parts);
  return CelList.of([...parts.slice(0, cuts), parts.slice(cuts).join('')]);
}

/** The text cut at each place of a part, at most so many times; by no part at all, into its code points. */
function partsOf(text: string, part: string, cuts: number, meter: Meter): string[] {
  spendSearch(text, part, meter);
  if (part === '') {
    meter.spend(text.length);
    return Array.from(text);
  }
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(part); at !== -1 && parts.length < cuts; at = text.indexOf(part, from)) {
    meter.spend(1);
    parts.push(text.slice(from, at));
    from = at + part.length;
  }
  parts.push(text.slice(from));
  return parts;
}

function join(given: Given, by: string): CelValue {
  const list = given.list(0);
  const parts: string[] = [];
  for (let at = 0; at < list.length; at++) {
    const item = list.at(at);
    if (typeof item !== 'string') throw new EvaluationFault('join takes a list of texts');
    given.meter.spendText(item.length + by.length);
    parts.push(item);
  }
  return parts.join(by);
}

function outside(index: number): EvaluationFault {
  return new EvaluationFault(`the index ${index} is out of range`);
}
