import { EvaluationFault, type Meter } from './budget.js';
import { CelKind } from './cel-type.js';
import { CelDuration, CelList, CelMap, CelMessage, CelTimestamp, CelUint, type CelValue } from './value.js';

const maxDepth = 200;

/** Numbers are equal by value, whatever their kind; values of other different kinds are not equal, which is no fault. */
export function isEqual(a: CelValue, b: CelValue, meter: Meter, depth = 0): boolean {
  meter.spend(1);
  if (depth > maxDepth) throw new EvaluationFault(`values nested more than ${maxDepth} deep are not compared`);
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length !== b.length) return false;
    meter.spendText(a.length);
    return a === b;
  }
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  if (a instanceof CelList && b instanceof CelList) return areListsEqual(a, b, meter, depth);
  if (a instanceof CelMap && b instanceof CelMap) return areMapsEqual(a, b, meter, depth);
  if (a instanceof CelMessage && b instanceof CelMessage) return areMessagesEqual(a, b, meter, depth);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return a.nanos === b.nanos;
  if (a instanceof CelDuration && b instanceof CelDuration) return a.nanos === b.nanos;
  if (a instanceof CelKind && b instanceof CelKind) return a.name === b.name;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b, meter) === 0;
  return a === b;
}

function areListsEqual(a: CelList, b: CelList, meter: Meter, depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) {
    if (!isEqual(a.at(at), b.at(at), meter, depth + 1)) return false;
  }
  return true;
}

function areMapsEqual(a: CelMap, b: CelMap, meter: Meter, depth: number): boolean {
  if (a.size(meter) !== b.size(meter)) return false;
  return a.keys(meter).every((key) => {
    const [left, right] = [a.get(key), b.get(key)];
    return left !== undefined && right !== undefined && isEqual(left, right, meter, depth + 1);
  });
}

function areMessagesEqual(a: CelMessage, b: CelMessage, meter: Meter, depth: number): boolean {
  if (a.type.name !== b.type.name) return false;
  return Object.keys(a.type.fields).every((field) => {
    const [left, right] = [a.get(field), b.get(field)];
    if (left === undefined || right === undefined) return left === right;
    return isEqual(left, right, meter, depth + 1);
  });
}

/** Negative, zero or positive; `NaN` where a number is none; undefined for values that have no order. */
export function compare(a: CelValue, b: CelValue, meter: Meter): number | undefined {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b, meter);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return order(a.nanos, b.nanos);
  if (a instanceof CelDuration && b instanceof CelDuration) return order(a.nanos, b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b, meter);
  return undefined;
}

type CelNumber = bigint | number | CelUint;

function isNumber(value: CelValue): value is CelNumber {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof CelUint;
}

function compareNumbers(a: CelNumber, b: CelNumber): number {
  const left = a instanceof CelUint ? a.value : a;
  const right = b instanceof CelUint ? b.value : b;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  return order(left, right);
}

/** Integers and doubles compare exactly. */
function order(a: bigint | number, b: bigint | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code points, where the language at hand compares halves of them. */
function compareTexts(a: string, b: string, meter: Meter): number {
  const shorter = Math.min(a.length, b.length);
  meter.spendText(shorter);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === shorter) return a.length - b.length;
  return weightOf(a.charCodeAt(at)) - weightOf(b.charCodeAt(at));
}

/** Surrogates stand for the code points above all that one unit can say. */
function weightOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function compareBytes(a: Uint8Array, b: Uint8Array, meter: Meter): number {
  const shorter = Math.min(a.length, b.length);
  meter.spendText(shorter);
  for (let at = 0; at < shorter; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
