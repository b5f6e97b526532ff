import type { JsonObject, JsonValue } from '../formats/index.js';
import type { Meter } from './budget.js';
import { CelKind, type CelType, type MessageType } from './cel-type.js';

/** A value in an expression. Integers are `bigint`, a `number` is a double. */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | CelUint
  | CelTimestamp
  | CelDuration
  | CelKind
  | CelList
  | CelMap
  | CelMessage;

export type ValueKind =
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'type'
  | 'list'
  | 'map'
  | 'message';

export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A moment, in nanoseconds since 1970. */
export class CelTimestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  static of(date: Date): CelTimestamp {
    return new CelTimestamp(BigInt(date.getTime()) * 1_000_000n);
  }
}

export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A list whose items are made when they are asked for. */
export class CelList {
  readonly length: number;
  readonly #at: (index: number) => CelValue;

  constructor(length: number, at: (index: number) => CelValue) {
    this.length = length;
    this.#at = at;
  }

  static of(items: readonly CelValue[]): CelList {
    return new CelList(items.length, (index) => items[index] ?? null);
  }

  /** The index is one of the list. */
  at(index: number): CelValue {
    return this.#at(index);
  }
}

/** Keys and values; the keys of JSON are texts, and its own members only. */
export class CelMap {
  readonly #entries: ReadonlyMap<string, readonly [CelValue, CelValue]> | JsonObject;
  #keys: readonly string[] | undefined;

  private constructor(entries: ReadonlyMap<string, readonly [CelValue, CelValue]> | JsonObject) {
    this.#entries = entries;
  }

  static ofJson(value: JsonObject): CelMap {
    return new CelMap(value);
  }

  /** By `mapKey`. */
  static of(entries: ReadonlyMap<string, readonly [CelValue, CelValue]>): CelMap {
    return new CelMap(entries);
  }

  get(key: CelValue): CelValue | undefined {
    if (this.#entries instanceof Map) {
      const name = mapKey(key);
      const entry: readonly [CelValue, CelValue] | undefined = name === undefined ? undefined : this.#entries.get(name);
      return entry?.[1];
    }
    if (typeof key !== 'string' || !Object.hasOwn(this.#entries, key)) return undefined;
    const member = (this.#entries as JsonObject)[key];
    return member === undefined ? undefined : fromJson(member);
  }

  /** Asking for it costs as many steps as there are keys, the first time. */
  keys(meter: Meter): readonly CelValue[] {
    if (this.#entries instanceof Map) {
      const entries: ReadonlyMap<string, readonly [CelValue, CelValue]> = this.#entries;
      meter.spend(entries.size);
      return [...entries.values()].map(([key]) => key);
    }
    if (!this.#keys) {
      this.#keys = Object.keys(this.#entries);
      meter.spend(this.#keys.length);
    }
    return this.#keys;
  }

  size(meter: Meter): number {
    return this.#entries instanceof Map ? this.#entries.size : this.keys(meter).length;
  }
}

/** An object with declared fields, whose values are made when they are asked for. */
export class CelMessage {
  readonly type: MessageType;
  readonly #valueOf: (field: string, type: CelType) => CelValue | undefined;

  constructor(type: MessageType, valueOf: (field: string, type: CelType) => CelValue | undefined) {
    this.type = type;
    this.#valueOf = valueOf;
  }

  has(field: string): boolean {
    return this.#value(field) !== undefined;
  }

  /** A text that is not there is empty; anything else that is not there is undefined. */
  get(field: string): CelValue | undefined {
    const value = this.#value(field);
    if (value !== undefined) return value;
    return this.#declared(field)?.kind === 'string' ? '' : undefined;
  }

  #value(field: string): CelValue | undefined {
    const type = this.#declared(field);
    return type && this.#valueOf(field, type);
  }

  #declared(field: string): CelType | undefined {
    return Object.hasOwn(this.type.fields, field) ? this.type.fields[field] : undefined;
  }
}

/** JSON as it is: whole numbers are integers, and nothing is copied. */
export function fromJson(value: JsonValue): CelValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return fitsInt(value) ? BigInt(value) : value;
  if (isJsonList(value)) return new CelList(value.length, (index) => fromJson(value[index] ?? null));
  return CelMap.ofJson(value);
}

function isJsonList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function fitsInt(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}

/** What tells the keys of a map apart; undefined for what is no key. */
export function mapKey(key: CelValue): string | undefined {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return `b${key}`;
  if (typeof key === 'bigint') return `n${key}`;
  if (key instanceof CelUint) return `n${key.value}`;
  return typeof key === 'number' && Number.isInteger(key) ? `n${BigInt(key)}` : undefined;
}

export function kindOf(value: CelValue): ValueKind {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      return kindOfObject(value);
  }
}

function kindOfObject(value: Exclude<CelValue, string | boolean | bigint | number>): ValueKind {
  if (value === null) return 'null';
  if (value instanceof CelMap) return 'map';
  if (value instanceof CelList) return 'list';
  if (value instanceof CelMessage) return 'message';
  if (value instanceof CelTimestamp) return 'timestamp';
  if (value instanceof CelDuration) return 'duration';
  if (value instanceof CelUint) return 'uint';
  return value instanceof CelKind ? 'type' : 'bytes';
}
