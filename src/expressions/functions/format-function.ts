import { EvaluationFault, type Meter } from '../budget.js';
import { CelKind } from '../cel-type.js';
import { CelDuration, CelList, CelMap, CelMessage, CelTimestamp, CelUint, kindOf, type CelValue } from '../value.js';
import type { CelFunction, Given } from './cel-function.js';
import { doubleText } from './convert-functions.js';
import { durationText, timeText } from './time-text.js';

const maxPrecision = 20;

/** `"%s has %d".format([name, count])`, with the verbs `%s %d %f %e %b %o %x %X %%`. */
export const formatFunction: CelFunction = {
  name: 'format',
  on: 'string',
  takes: ['list'],
  gives: { kind: 'string' },
  run: format,
};

function format(given: Given): CelValue {
  const [text, list] = [given.text(0), given.list(1)];
  given.meter.spendText(text.length);
  const parts: string[] = [];
  let [at, used] = [0, 0];
  for (const found of text.matchAll(/%(?:%|(?:\.(\d{1,3}))?([a-zA-Z]?))/g)) {
    const [whole, precision, verb = ''] = found;
    parts.push(text.slice(at, found.index));
    at = found.index + whole.length;
    if (whole === '%%') {
      parts.push('%');
      continue;
    }
    if (used >= list.length) throw new EvaluationFault('format has more verbs than values');
    const words = wordsOf(verb, list.at(used++), precision === undefined ? 6 : Number(precision), given.meter);
    given.meter.spendText(words.length);
    parts.push(words);
  }
  parts.push(text.slice(at));
  return parts.join('');
}

function wordsOf(verb: string, value: CelValue, precision: number, meter: Meter): string {
  if (verb === 's') return textOf(value, meter, 0);
  const number = value instanceof CelUint ? value.value : value;
  switch (verb) {
    case 'd':
      if (typeof number === 'bigint') return `${number}`;
      break;
    case 'f':
    case 'e': {
      if (typeof number !== 'number' && typeof number !== 'bigint') break;
      const digits = Math.min(precision, maxPrecision);
      return verb === 'f' ? Number(number).toFixed(digits) : exponential(Number(number), digits);
    }
    case 'b':
      if (typeof number === 'boolean') return number ? '1' : '0';
      if (typeof number === 'bigint') return number.toString(2);
      break;
    case 'o':
      if (typeof number === 'bigint') return number.toString(8);
      break;
    case 'x':
    case 'X': {
      const digits = hexOf(number, meter);
      if (digits !== undefined) return verb === 'x' ? digits : digits.toUpperCase();
      break;
    }
    default:
      throw new EvaluationFault('format knows the verbs %s %d %f %e %b %o %x %X');
  }
  throw new EvaluationFault(`format cannot write ${kindOf(value)} by %${verb}`);
}

function exponential(number: number, digits: number): string {
  return number.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
}

function hexOf(value: CelValue, meter: Meter): string | undefined {
  if (typeof value === 'bigint') return value.toString(16);
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (!(bytes instanceof Uint8Array)) return undefined;
  meter.spendText(bytes.length * 8);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Lists and maps with all that they hold. */
function textOf(value: CelValue, meter: Meter, depth: number): string {
  meter.spend(1);
  if (depth > 50) throw new EvaluationFault('format takes no value that is nested so deep');
  if (typeof value === 'string') {
    meter.spendText(value.length);
    return value;
  }
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof CelUint) return `${value.value}`;
  if (value instanceof CelTimestamp) return timeText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof CelKind) return value.name;
  if (value instanceof Uint8Array) {
    meter.spendText(value.length);
    return new TextDecoder().decode(value);
  }
  if (value instanceof CelList) {
    const parts: string[] = [];
    for (let at = 0; at < value.length; at++) parts.push(textOf(value.at(at), meter, depth + 1));
    return `[${parts.join(', ')}]`;
  }
  if (value instanceof CelMap) {
    const parts = value
      .keys(meter)
      .map((key) => `${textOf(key, meter, depth + 1)}: ${textOf(value.get(key) ?? null, meter, depth + 1)}`);
    return `{${parts.sort().join(', ')}}`;
  }
  if (value instanceof CelMessage) throw new EvaluationFault(`format cannot write ${value.type.name}`);
  return String(value);
}
