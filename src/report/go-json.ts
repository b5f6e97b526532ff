import { compareText } from '../findings/index.js';

/**
 * A JSON value as Go's encoder sees it: objects are structs with members in their written order (`undefined` is left
 * out), a `Map` is a map, whose keys come sorted by bytes, and a `LazyList` an array whose items are made when written.
 */
export type GoValue =
  | undefined
  | null
  | boolean
  | number
  | string
  | readonly GoValue[]
  | LazyList
  | ReadonlyMap<string, GoValue>
  | { readonly [member: string]: GoValue };

/** Items made one by one, so that a long list never stands in memory as a whole. */
export class LazyList {
  readonly length: number;
  readonly #items: Iterable<GoValue>;

  private constructor(length: number, items: Iterable<GoValue>) {
    this.length = length;
    this.#items = items;
  }

  static of<T>(source: readonly T[], convert: (item: T) => GoValue): LazyList {
    return new LazyList(source.length, {
      *[Symbol.iterator]() {
        for (const item of source) yield convert(item);
      },
    });
  }

  [Symbol.iterator](): Iterator<GoValue> {
    return this.#items[Symbol.iterator]();
  }
}

/** The members without those that Go's `omitempty` leaves out: empty texts, lists and maps, 0, false, absent. */
export function omitEmpty(members: { readonly [member: string]: GoValue }): { readonly [member: string]: GoValue } {
  const kept: { [member: string]: GoValue } = {};
  for (const [name, value] of Object.entries(members)) if (!isEmpty(value)) kept[name] = value;
  return kept;
}

/** A foreign JSON value, objects as maps. */
export function goValueOf(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(goValueOf);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, goValueOf(item)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** Indented by two blanks, as Go's encoder prints and escapes it; no line end after it. In pieces where lists are lazy. */
export function* encodeGoJson(value: GoValue, indent = ''): Generator<string> {
  if (!isLazy(value)) {
    yield encodeWhole(value, indent);
    return;
  }
  const inner = `${indent}  `;
  if (value instanceof LazyList) {
    let separator = '[\n';
    for (const item of value) {
      yield `${separator}${inner}`;
      yield* encodeGoJson(item, inner);
      separator = ',\n';
    }
    yield separator === '[\n' ? '[]' : `\n${indent}]`;
    return;
  }
  let separator = '{\n';
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    yield `${separator}${inner}${quote(name)}: `;
    yield* encodeGoJson(member, inner);
    separator = ',\n';
  }
  yield `\n${indent}}`;
}

type Struct = { readonly [member: string]: GoValue };

/** A list whose items are made when written, or a struct that holds one. */
function isLazy(value: GoValue): value is LazyList | Struct {
  if (value instanceof LazyList) return true;
  return isStruct(value) && Object.values(value).some(isLazy);
}

function isStruct(value: GoValue): value is Struct {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

function encodeWhole(value: GoValue, indent: string): string {
  if (typeof value !== 'object' || value === null) return encodeScalar(value);
  const inner = `${indent}  `;
  if (isPlainTexts(value)) return `[\n${inner}"${value.join(`",\n${inner}"`)}"\n${indent}]`;
  if (Array.isArray(value) || value instanceof LazyList) {
    const items = [...(value as Iterable<GoValue>)].map((item) => encodeWhole(item, inner));
    return items.length === 0 ? '[]' : `[\n${inner}${items.join(`,\n${inner}`)}\n${indent}]`;
  }
  const members = value instanceof Map ? [...value].sort(([a], [b]) => compareText(a, b)) : Object.entries(value);
  const parts: string[] = [];
  for (const [name, member] of members) {
    if (member !== undefined) parts.push(`${quote(name)}: ${encodeWhole(member, inner)}`);
  }
  return parts.length === 0 ? '{}' : `{\n${inner}${parts.join(`,\n${inner}`)}\n${indent}}`;
}

/** Most of a report are lists of paths, none of which needs an escape: one look at all of them says so. */
function isPlainTexts(value: GoValue): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((item) => typeof item === 'string') && plainText.test(value.join(' '));
}

function encodeScalar(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  return JSON.stringify(value) ?? 'null';
}

function isEmpty(value: GoValue): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true;
  if (value instanceof Map) return value.size === 0;
  return (Array.isArray(value) || value instanceof LazyList) && value.length === 0;
}

const plainText = /^[ !#-%'-;=?-[\]-~]*$/;

/** Besides JSON's own escapes Go escapes what HTML and JavaScript would trip over; broken text becomes U+FFFD. */
function quote(text: string): string {
  if (plainText.test(text)) return `"${text}"`;
  return JSON.stringify(text)
    .replace(/\\(?:ud[0-9a-f]{3}|.)/g, (escape) => (escape.startsWith('\\ud') ? '\ufffd' : escape))
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
