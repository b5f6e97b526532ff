import type { RE2JS } from 're2js';
import { EvaluationFault, type Meter } from '../budget.js';
import type { CelType } from '../cel-type.js';
import type { Patterns } from '../patterns.js';
import {
  CelDuration,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  kindOf,
  type CelValue,
  type ValueKind,
} from '../value.js';

/** One form of a function: what it takes, and what it gives. */
export interface CelFunction {
  readonly name: string;
  /** Of a method: what it is called on. */
  readonly on?: ValueKind | undefined;
  readonly takes: readonly (ValueKind | 'dyn')[];
  readonly gives: CelType;
  /** The arguments fit `on` and `takes`; what is called on stands first. @throws EvaluationFault */
  run(given: Given): CelValue;
}

/** The arguments of a call, and the meter that it is counted on. */
export class Given {
  readonly #values: readonly CelValue[];
  readonly #patterns: Patterns;
  readonly meter: Meter;

  constructor(
    values: readonly CelValue[],
    { meter, patterns }: { readonly meter: Meter; readonly patterns: Patterns },
  ) {
    this.#values = values;
    this.#patterns = patterns;
    this.meter = meter;
  }

  /** The pattern of an argument, for one look through a text. @throws EvaluationFault */
  pattern(at: number, text: string): RE2JS {
    return this.#patterns.for(this.text(at), text, this.meter);
  }

  any(at: number): CelValue {
    return this.#values[at] ?? null;
  }

  text(at: number): string {
    const value = this.any(at);
    return typeof value === 'string' ? value : this.#wrong('string', value);
  }

  int(at: number): bigint {
    const value = this.any(at);
    return typeof value === 'bigint' ? value : this.#wrong('int', value);
  }

  /** An index or count; what is too large for one is still too large. */
  index(at: number): number {
    return Number(this.int(at));
  }

  uint(at: number): bigint {
    const value = this.any(at);
    return value instanceof CelUint ? value.value : this.#wrong('uint', value);
  }

  double(at: number): number {
    const value = this.any(at);
    return typeof value === 'number' ? value : this.#wrong('double', value);
  }

  bytes(at: number): Uint8Array {
    const value = this.any(at);
    return value instanceof Uint8Array ? value : this.#wrong('bytes', value);
  }

  list(at: number): CelList {
    const value = this.any(at);
    return value instanceof CelList ? value : this.#wrong('list', value);
  }

  map(at: number): CelMap {
    const value = this.any(at);
    return value instanceof CelMap ? value : this.#wrong('map', value);
  }

  time(at: number): CelTimestamp {
    const value = this.any(at);
    return value instanceof CelTimestamp ? value : this.#wrong('timestamp', value);
  }

  duration(at: number): CelDuration {
    const value = this.any(at);
    return value instanceof CelDuration ? value : this.#wrong('duration', value);
  }

  #wrong(wanted: string, value: CelValue): never {
    throw new EvaluationFault(`${kindOf(value)} stands where ${wanted} must`);
  }
}

const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);

/** @throws EvaluationFault past 64 bits */
export function checkedInt(value: bigint): bigint {
  if (value > maxInt || value < minInt) throw new EvaluationFault('the integer is too large');
  return value;
}

/** @throws EvaluationFault past 64 bits, and below zero */
export function checkedUint(value: bigint): CelUint {
  if (value < 0n || value >= 2n ** 64n) throw new EvaluationFault('the unsigned integer is out of range');
  return new CelUint(value);
}
