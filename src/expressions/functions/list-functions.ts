import { EvaluationFault } from '../budget.js';
import { dyn } from '../cel-type.js';
import { compare, isEqual } from '../compare.js';
import type { CelList, CelValue } from '../value.js';
import type { CelFunction, Given } from './cel-function.js';

const bool = { kind: 'bool' } as const;
const int = { kind: 'int' } as const;

/** Over lists: those that Kubernetes adds to the language. */
export const listFunctions: readonly CelFunction[] = [
  { name: 'isSorted', on: 'list', takes: [], gives: bool, run: isSorted },
  { name: 'min', on: 'list', takes: [], gives: dyn, run: (given) => extreme(given, -1) },
  { name: 'max', on: 'list', takes: [], gives: dyn, run: (given) => extreme(given, 1) },
  { name: 'indexOf', on: 'list', takes: ['dyn'], gives: int, run: (given) => placeIn(given, 1) },
  { name: 'lastIndexOf', on: 'list', takes: ['dyn'], gives: int, run: (given) => placeIn(given, -1) },
];

/** `sets.contains` and the like: functions whose name has two parts. */
export const setFunctions: readonly CelFunction[] = [
  { name: 'sets.contains', takes: ['list', 'list'], gives: bool, run: (given) => holdsAll(given, 0, 1) },
  {
    name: 'sets.equivalent',
    takes: ['list', 'list'],
    gives: bool,
    run: (given) => holdsAll(given, 0, 1) && holdsAll(given, 1, 0),
  },
  { name: 'sets.intersects', takes: ['list', 'list'], gives: bool, run: intersects },
];

function isSorted(given: Given): CelValue {
  const list = given.list(0);
  for (let at = 1; at < list.length; at++) {
    if (ordered(list.at(at - 1), list.at(at), given) > 0) return false;
  }
  return true;
}

function extreme(given: Given, sign: 1 | -1): CelValue {
  const list = given.list(0);
  if (list.length === 0) throw new EvaluationFault('the list is empty');
  let best = list.at(0);
  for (let at = 1; at < list.length; at++) {
    if (ordered(list.at(at), best, given) * sign > 0) best = list.at(at);
  }
  return best;
}

function ordered(a: CelValue, b: CelValue, { meter }: Given): number {
  meter.spend(1);
  const order = compare(a, b, meter);
  if (order === undefined) throw new EvaluationFault('the list holds what has no order');
  return order;
}

function placeIn(given: Given, step: 1 | -1): CelValue {
  const list = given.list(0);
  for (let at = step === 1 ? 0 : list.length - 1; at >= 0 && at < list.length; at += step) {
    if (isEqual(list.at(at), given.any(1), given.meter)) return BigInt(at);
  }
  return -1n;
}

/** Is one of the items equal to the value? */
export function isIn(list: CelList, value: CelValue, { meter }: Pick<Given, 'meter'>): boolean {
  for (let at = 0; at < list.length; at++) {
    if (isEqual(list.at(at), value, meter)) return true;
  }
  return false;
}

function holdsAll(given: Given, whole: number, part: number): boolean {
  const list = given.list(part);
  for (let at = 0; at < list.length; at++) {
    given.meter.spend(1);
    if (!isIn(given.list(whole), list.at(at), given)) return false;
  }
  return true;
}

function intersects(given: Given): CelValue {
  const list = given.list(1);
  for (let at = 0; at < list.length; at++) {
    given.meter.spend(1);
    if (isIn(given.list(0), list.at(at), given)) return true;
  }
  return false;
}
