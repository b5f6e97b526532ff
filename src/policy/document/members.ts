import {
  asArray,
  asObject,
  asString,
  type JsonObject,
  type JsonValue,
  type YamlDocument,
  type YamlPath,
} from '../../formats/index.js';
import { nearestWord } from './nearest-word.js';
import type { PolicyProblem } from './problem.js';
import { quote } from './quote.js';

/** Lists of a policy: enough for every registry and every exception of a large organisation. */
const maxItems = 10_000;

/** Gathers what is wrong with a document, each with its place. */
export class ProblemList {
  readonly problems: PolicyProblem[] = [];
  readonly #document: YamlDocument;

  constructor(document: YamlDocument) {
    this.#document = document;
  }

  add(
    path: YamlPath,
    problem: Pick<PolicyProblem, 'code' | 'message' | 'hint'> & { readonly severity?: 'warning' },
  ): void {
    const { line, column } = this.#document.locateNearest(path).place;
    this.problems.push({ severity: 'error', ...problem, line, column, path: pathWords(path) });
  }

  line(path: YamlPath): number {
    return this.#document.locateNearest(path).place.line;
  }
}

/** `rules[0].registries.allow[1]`. */
export function pathWords(path: YamlPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const key = /^[A-Za-z0-9_-]+$/.test(step) ? step : quote(step);
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** An item of a list: one of both is there. */
export interface TextOrObject {
  readonly text?: string | undefined;
  readonly members?: Members | undefined;
  readonly problem: (wrong: Pick<PolicyProblem, 'code' | 'message' | 'hint'>) => void;
}

/** The members of one object. A member that is absent is undefined; so is one that is wrong, and then a problem is noted. */
export class Members {
  readonly #list: ProblemList;
  readonly #value: JsonObject;
  readonly path: YamlPath;

  constructor(list: ProblemList, value: JsonObject, path: YamlPath) {
    this.#list = list;
    this.#value = value;
    this.path = path;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key);
  }

  /** All of it, as it stands. */
  get value(): JsonObject {
    return this.#value;
  }

  /** A list or a mapping of nothing. */
  isEmpty(key: string): boolean {
    const value = this.#given(key);
    const object = asObject(value);
    return asArray(value)?.length === 0 || (object !== undefined && Object.keys(object).length === 0);
  }

  isText(key: string): boolean {
    return typeof this.#given(key) === 'string';
  }

  /** The text as it stands, an empty one too. */
  rawText(key: string): string | undefined {
    return asString(this.#given(key));
  }

  keys(): readonly string[] {
    return Object.keys(this.#value);
  }

  line(): number {
    return this.#list.line(this.path);
  }

  problem(key: string | undefined, problem: Pick<PolicyProblem, 'code' | 'message' | 'hint'>): void {
    this.#list.add(key === undefined ? this.path : [...this.path, key], problem);
  }

  /** Notes every other member, with the key that may have been meant. */
  only(keys: readonly string[]): void {
    for (const key of this.keys()) {
      if (keys.includes(key)) continue;
      const near = nearestWord(key, keys);
      const hint = near === undefined ? `known here: ${keys.join(', ')}` : `did you mean ${near}?`;
      this.problem(key, { code: 'UNKNOWN_KEY', message: `there is no key ${quote(key)} here`, hint });
    }
  }

  object(key: string): Members | undefined {
    const value = this.#given(key);
    if (value === undefined) return undefined;
    const object = asObject(value);
    if (object) return new Members(this.#list, object, [...this.path, key]);
    return this.#wrongType(key, 'a mapping (key: value)', value);
  }

  objects(key: string): readonly Members[] | undefined {
    return this.#items(key)?.flatMap((item, at) => {
      const path = [...this.path, key, at];
      const object = asObject(item);
      if (object) return [new Members(this.#list, object, path)];
      this.#list.add(path, { code: 'WRONG_TYPE', message: `${kindOf(item)} stands where a mapping (key: value) must` });
      return [];
    });
  }

  text(key: string): string | undefined {
    const value = this.#given(key);
    if (value === undefined) return undefined;
    const text = asString(value);
    if (text === undefined) return this.#wrongType(key, 'a text', value);
    if (text.trim() !== '') return text;
    this.problem(key, { code: 'WRONG_VALUE', message: `${key} is empty` });
    return undefined;
  }

  texts(key: string): readonly string[] | undefined {
    return this.#items(key)?.flatMap((item, at) => {
      const text = asString(item);
      if (text !== undefined && text.trim() !== '') return [text];
      const hint = typeof item === 'number' || typeof item === 'boolean' ? 'write it in quotes' : undefined;
      const message = text === undefined ? `${kindOf(item)} stands where a text must` : 'the text is empty';
      this.#list.add([...this.path, key, at], { code: 'WRONG_TYPE', message, hint });
      return [];
    });
  }

  textMap(key: string): Readonly<Record<string, string>> | undefined {
    const members = this.object(key);
    if (!members) return undefined;
    return Object.fromEntries(
      members.keys().flatMap((name) => {
        const text = asString(members.#value[name]);
        if (text !== undefined) return [[name, text] as const];
        members.#wrongType(name, 'a text', members.#value[name] ?? null);
        return [];
      }),
    );
  }

  boolean(key: string): boolean | undefined {
    const value = this.#given(key);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.#wrongType(key, 'true or false', value);
  }

  /** A demand that can only be made, not unmade. */
  demanded(key: string): boolean {
    const value = this.boolean(key);
    if (value === false) {
      this.problem(key, { code: 'WRONG_VALUE', message: `${key} can only be true`, hint: 'leave the rule out' });
    }
    return value === true;
  }

  number(key: string, range: readonly [number, number]): number | undefined {
    const value = this.#given(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'number') return this.#wrongType(key, 'a number', value);
    if (value >= range[0] && value <= range[1]) return value;
    this.problem(key, { code: 'WRONG_VALUE', message: `${key} is a number from ${range[0]} to ${range[1]}` });
    return undefined;
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
    const value = this.#given(key);
    if (value === undefined) return undefined;
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    const text = asString(value);
    const near = text === undefined ? undefined : nearestWord(text, values);
    this.problem(key, {
      code: 'WRONG_VALUE',
      message: `${key} is one of ${values.join(', ')}`,
      hint: near === undefined ? undefined : `did you mean ${near}?`,
    });
    return undefined;
  }

  /** A text that is read further; `undefined` from the reader is a problem, told by `wanted`. */
  parsed<T>(key: string, parse: (text: string) => T | undefined, wanted: string): T | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value !== undefined) return value;
    this.problem(key, { code: 'WRONG_VALUE', message: `${quote(text)} is no ${wanted}` });
    return undefined;
  }

  /** Each text of a list, read further; a reader gives a value, or a problem for its place. */
  parsedList<T>(
    key: string,
    parse: (text: string) => { readonly value: T } | Pick<PolicyProblem, 'code' | 'message' | 'hint'>,
  ): readonly T[] | undefined {
    const items = this.#items(key);
    // Places must stay those of the document, so that wrong items are not left out before.
    return items?.flatMap((item, at) => {
      const text = asString(item);
      if (text === undefined) {
        this.#list.add([...this.path, key, at], {
          code: 'WRONG_TYPE',
          message: `${kindOf(item)} stands where a text must`,
          hint: 'write it in quotes',
        });
        return [];
      }
      const read = parse(text);
      if ('value' in read) return [read.value];
      this.#list.add([...this.path, key, at], read);
      return [];
    });
  }

  /** The items of a list that are texts or mappings, each with a way to say what is wrong with it. */
  textsOrObjects(key: string): readonly TextOrObject[] | undefined {
    return this.#items(key)?.flatMap((item, at): TextOrObject[] => {
      const path = [...this.path, key, at];
      const problem = (wrong: Pick<PolicyProblem, 'code' | 'message' | 'hint'>): void => this.#list.add(path, wrong);
      const object = asObject(item);
      if (object) return [{ members: new Members(this.#list, object, path), problem }];
      const text = asString(item);
      if (text !== undefined) return [{ text, problem }];
      problem({ code: 'WRONG_TYPE', message: `${kindOf(item)} stands where a text or a mapping must` });
      return [];
    });
  }

  #given(key: string): JsonValue | undefined {
    return Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
  }

  #items(key: string): readonly JsonValue[] | undefined {
    const value = this.#given(key);
    if (value === undefined) return undefined;
    const items = asArray(value);
    if (!items) return this.#wrongType(key, 'a list (each line begins with "- ")', value);
    if (items.length <= maxItems) return items;
    this.problem(key, { code: 'TOO_LARGE', message: `${key} has more than ${maxItems} entries` });
    return undefined;
  }

  #wrongType(key: string, wanted: string, value: JsonValue): undefined {
    const hint = wanted === 'a text' && typeof value === 'number' ? 'write it in quotes' : undefined;
    this.problem(key, { code: 'WRONG_TYPE', message: `${quoteKey(key)} is ${wanted}, not ${kindOf(value)}`, hint });
    return undefined;
  }
}

function quoteKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key);
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'number' ? 'a number' : `${value}`;
}
