import { EvaluationFault, type Meter } from './budget.js';
import { compare, isEqual } from './compare.js';
import { checkedInt, checkedUint, durationOf, isIn, timeOf } from './functions/index.js';
import { CelDuration, CelList, CelMap, CelTimestamp, CelUint, kindOf, type CelValue } from './value.js';

/** The value of two operands. @throws EvaluationFault */
export function binary(op: string, a: CelValue, b: CelValue, meter: Meter): CelValue {
  switch (op) {
    case '==':
      return isEqual(a, b, meter);
    case '!=':
      return !isEqual(a, b, meter);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isInOrder(op, a, b, meter);
    case 'in':
      return isMember(a, b, meter);
    case '+':
      return add(a, b, meter);
    default:
      return calculate(op, a, b);
  }
}

/** @throws EvaluationFault */
export function negate(value: CelValue): CelValue {
  if (typeof value === 'bigint') return checkedInt(-value);
  if (typeof value === 'number') return -value;
  if (value instanceof CelDuration) return durationOf(-value.nanos);
  throw new EvaluationFault(`there is no -${kindOf(value)}`);
}

function isInOrder(op: '<' | '<=' | '>' | '>=', a: CelValue, b: CelValue, meter: Meter): boolean {
  const order = compare(a, b, meter);
  if (order === undefined) throw noSuch(op, a, b);
  if (op === '<') return order < 0;
  if (op === '<=') return order <= 0;
  return op === '>' ? order > 0 : order >= 0;
}

function isMember(value: CelValue, whole: CelValue, meter: Meter): boolean {
  if (whole instanceof CelList) return isIn(whole, value, { meter });
  if (whole instanceof CelMap) return whole.get(value) !== undefined;
  throw noSuch('in', value, whole);
}

function add(a: CelValue, b: CelValue, meter: Meter): CelValue {
  if (typeof a === 'string' && typeof b === 'string') {
    meter.spendText(a.length + b.length);
    return a + b;
  }
  if (a instanceof CelList && b instanceof CelList) {
    const [left, right] = [a, b];
    // Each sum is one more list to go through for whoever asks for an item.
    const items: CelValue[] = [];
    meter.spend(left.length + right.length);
    for (let at = 0; at < left.length; at++) items.push(left.at(at));
    for (let at = 0; at < right.length; at++) items.push(right.at(at));
    return CelList.of(items);
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    meter.spendText(a.length + b.length);
    const bytes = new Uint8Array(a.length + b.length);
    bytes.set(a);
    bytes.set(b, a.length);
    return bytes;
  }
  if (a instanceof CelTimestamp && b instanceof CelDuration) return timeOf(a.nanos + b.nanos);
  if (a instanceof CelDuration && b instanceof CelTimestamp) return timeOf(a.nanos + b.nanos);
  return calculate('+', a, b);
}

function calculate(op: string, a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return checkedInt(wholeNumber(op, a, b));
  if (typeof a === 'number' && typeof b === 'number' && op !== '%') return double(op, a, b);
  if (a instanceof CelUint && b instanceof CelUint) return checkedUint(wholeNumber(op, a.value, b.value));
  if (a instanceof CelDuration && b instanceof CelDuration) {
    if (op === '+') return durationOf(a.nanos + b.nanos);
    if (op === '-') return durationOf(a.nanos - b.nanos);
  }
  if (op === '-' && a instanceof CelTimestamp) {
    if (b instanceof CelTimestamp) return durationOf(a.nanos - b.nanos);
    if (b instanceof CelDuration) return timeOf(a.nanos - b.nanos);
  }
  throw noSuch(op, a, b);
}

function wholeNumber(op: string, a: bigint, b: bigint): bigint {
  if (op === '+') return a + b;
  if (op === '-') return a - b;
  if (op === '*') return a * b;
  if (b === 0n) throw new EvaluationFault(op === '/' ? 'division by zero' : 'modulus by zero');
  return op === '/' ? a / b : a % b;
}

function double(op: string, a: number, b: number): number {
  if (op === '+') return a + b;
  if (op === '-') return a - b;
  return op === '*' ? a * b : a / b;
}

function noSuch(op: string, a: CelValue, b: CelValue): EvaluationFault {
  return new EvaluationFault(`there is no ${kindOf(a)} ${op} ${kindOf(b)}`);
}
