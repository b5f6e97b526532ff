import { EvaluationFault } from '../budget.js';
import { CelKind, dyn, type CelType } from '../cel-type.js';
import { CelMessage, kindOf, type CelValue } from '../value.js';
import { checkedInt, checkedUint, type CelFunction, type Given } from './cel-function.js';
import { CodePoints } from './code-points.js';
import { durationText, parseDurationText, parseTimeText, timeOf, timeText } from './time-text.js';

const int: CelType = { kind: 'int' };
const uint: CelType = { kind: 'uint' };
const double: CelType = { kind: 'double' };
const string: CelType = { kind: 'string' };
const bytes: CelType = { kind: 'bytes' };
const bool: CelType = { kind: 'bool' };
const timestamp: CelType = { kind: 'timestamp' };
const duration: CelType = { kind: 'duration' };

const size = (given: Given): CelValue => {
  const value = given.any(0);
  if (typeof value === 'string') return BigInt(new CodePoints(value, given.meter).length);
  if (value instanceof Uint8Array) return BigInt(value.length);
  return kindOf(value) === 'list' ? BigInt(given.list(0).length) : BigInt(given.map(0).size(given.meter));
};

const sized = ['string', 'bytes', 'list', 'map'] as const;

/** Between kinds of values, and their sizes. */
export const convertFunctions: readonly CelFunction[] = [
  ...sized.flatMap((kind): CelFunction[] => [
    { name: 'size', takes: [kind], gives: int, run: size },
    { name: 'size', on: kind, takes: [], gives: int, run: size },
  ]),
  { name: 'dyn', takes: ['dyn'], gives: dyn, run: (given) => given.any(0) },
  { name: 'type', takes: ['dyn'], gives: { kind: 'type' }, run: (given) => typeOf(given.any(0)) },
  { name: 'bool', takes: ['bool'], gives: bool, run: (given) => given.any(0) },
  { name: 'bool', takes: ['string'], gives: bool, run: toBool },
  { name: 'int', takes: ['int'], gives: int, run: (given) => given.int(0) },
  { name: 'int', takes: ['uint'], gives: int, run: (given) => checkedInt(given.uint(0)) },
  { name: 'int', takes: ['double'], gives: int, run: (given) => truncated(given.double(0)) },
  {
    name: 'int',
    takes: ['string'],
    gives: int,
    run: (given) => checkedInt(parseWhole(given.text(0), /^[+-]?\d{1,19}$/)),
  },
  { name: 'int', takes: ['timestamp'], gives: int, run: (given) => floorSeconds(given.time(0).nanos) },
  { name: 'int', takes: ['duration'], gives: int, run: (given) => given.duration(0).nanos / 1_000_000_000n },
  { name: 'uint', takes: ['uint'], gives: uint, run: (given) => given.any(0) },
  { name: 'uint', takes: ['int'], gives: uint, run: (given) => checkedUint(given.int(0)) },
  { name: 'uint', takes: ['double'], gives: uint, run: (given) => checkedUint(wholeOf(given.double(0))) },
  {
    name: 'uint',
    takes: ['string'],
    gives: uint,
    run: (given) => checkedUint(parseWhole(given.text(0), /^\d{1,20}$/)),
  },
  { name: 'double', takes: ['double'], gives: double, run: (given) => given.any(0) },
  { name: 'double', takes: ['int'], gives: double, run: (given) => Number(given.int(0)) },
  { name: 'double', takes: ['uint'], gives: double, run: (given) => Number(given.uint(0)) },
  { name: 'double', takes: ['string'], gives: double, run: (given) => parseDouble(given.text(0)) },
  ...(['string', 'bool', 'int', 'uint', 'double', 'bytes', 'timestamp', 'duration'] as const).map(
    (kind): CelFunction => ({ name: 'string', takes: [kind], gives: string, run: (given) => toText(given) }),
  ),
  { name: 'bytes', takes: ['bytes'], gives: bytes, run: (given) => given.any(0) },
  { name: 'bytes', takes: ['string'], gives: bytes, run: toBytes },
  { name: 'timestamp', takes: ['timestamp'], gives: timestamp, run: (given) => given.any(0) },
  { name: 'timestamp', takes: ['string'], gives: timestamp, run: (given) => parseTimeText(given.text(0)) },
  { name: 'timestamp', takes: ['int'], gives: timestamp, run: (given) => timeOf(given.int(0) * 1_000_000_000n) },
  { name: 'duration', takes: ['duration'], gives: duration, run: (given) => given.any(0) },
  { name: 'duration', takes: ['string'], gives: duration, run: (given) => parseDurationText(given.text(0)) },
];

/** The names that stand for kinds of values. */
export const kindNames: ReadonlyMap<string, CelKind> = new Map(
  ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type'].map((name) => [
    name,
    new CelKind(name),
  ]),
);

function typeOf(value: CelValue): CelKind {
  if (value instanceof CelMessage) return new CelKind(value.type.name);
  const kind = kindOf(value);
  if (kind === 'null') return new CelKind('null_type');
  if (kind === 'timestamp') return new CelKind('google.protobuf.Timestamp');
  return new CelKind(kind === 'duration' ? 'google.protobuf.Duration' : kind);
}

function toBool(given: Given): CelValue {
  const text = given.text(0);
  if (['1', 't', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new EvaluationFault('the text is no bool');
}

function truncated(value: number): bigint {
  return checkedInt(wholeOf(value));
}

function wholeOf(value: number): bigint {
  if (!Number.isFinite(value)) throw new EvaluationFault('the number is no integer');
  return BigInt(Math.trunc(value));
}

function floorSeconds(nanos: bigint): bigint {
  const seconds = nanos / 1_000_000_000n;
  return nanos < 0n && nanos % 1_000_000_000n !== 0n ? seconds - 1n : seconds;
}

function parseWhole(text: string, form: RegExp): bigint {
  if (!form.test(text)) throw new EvaluationFault('the text is no integer');
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}

function parseDouble(text: string): number {
  const named = /^([+-]?)(?:inf|infinity)$/i.exec(text);
  if (named) return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (text.length <= 400 && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  throw new EvaluationFault('the text is no number');
}

function toText(given: Given): string {
  const value = given.any(0);
  switch (kindOf(value)) {
    case 'string':
      return given.text(0);
    case 'int':
      return `${given.int(0)}`;
    case 'uint':
      return `${given.uint(0)}`;
    case 'double':
      return doubleText(given.double(0));
    case 'bytes':
      given.meter.spendText(given.bytes(0).length);
      return textOf(given.bytes(0));
    case 'timestamp':
      return timeText(given.time(0));
    case 'duration':
      return durationText(given.duration(0));
    default:
      return value === true ? 'true' : 'false';
  }
}

export function doubleText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function textOf(given: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(given);
  } catch {
    throw new EvaluationFault('the bytes are no UTF-8 text');
  }
}

function toBytes(given: Given): CelValue {
  given.meter.spendText(given.text(0).length * 2);
  return new TextEncoder().encode(given.text(0));
}
