import type { JsonObject, JsonValue } from './json.js';
import { YamlProblem, type YamlMapping, type YamlNode, type YamlScalar } from './yaml-nodes.js';
import { isPlain, resolvePlain, scalarText, type ScalarValue } from './yaml-scalar.js';
import { style } from './yaml-tokens.js';

/** A key that stands more than once in one mapping; the last one counts. */
export interface RepeatedKey {
  readonly key: string;
  /** Offset of the later one. */
  readonly at: number;
}

export interface ComposedYaml {
  readonly value: JsonValue;
  readonly repeatedKeys: readonly RepeatedKey[];
}

/**
 * The plain value of a tree. Keys that are no text become text; merge keys are merged where they stand, over what stands
 * before them; what JSON cannot say (infinity, keys that are lists) is a problem. Aliases share their value.
 * @throws YamlProblem
 */
export function composeYaml(text: string, root: YamlNode): ComposedYaml {
  const composer = new Composer(text);
  return { value: composer.value(root), repeatedKeys: composer.repeatedKeys };
}

/** The text that a key is in the plain value; `undefined` for what cannot be one. */
export function keyText(text: string, key: YamlNode): string | undefined {
  const node = key.kind === 'alias' ? key.target : key;
  if (node.kind !== 'scalar') return undefined;
  const value = scalarValue(text, node);
  if (value === null) return undefined;
  return typeof value === 'string' ? value : numberKey(value);
}

/** `<<`, unquoted. */
export function isMergeKey(text: string, key: YamlNode): boolean {
  if (key.kind !== 'scalar' || key.end - key.start !== 2 || key.detail !== style.plainSimple) return false;
  return text.startsWith('<<', key.start) && (key.tag === undefined || key.tag === '!!merge');
}

class Composer {
  readonly repeatedKeys: RepeatedKey[] = [];
  readonly #text: string;
  readonly #anchored = new Map<YamlNode, JsonValue>();

  constructor(text: string) {
    this.#text = text;
  }

  value(node: YamlNode): JsonValue {
    if (node.kind === 'alias') return this.#shared(node.target);
    if (node.anchor !== undefined) return this.#shared(node);
    return this.#make(node);
  }

  #shared(node: YamlNode): JsonValue {
    const known = this.#anchored.get(node);
    if (known !== undefined) return known;
    const made = this.#make(node);
    this.#anchored.set(node, made);
    return made;
  }

  #make(node: YamlNode): JsonValue {
    switch (node.kind) {
      case 'scalar': {
        const value = scalarValue(this.#text, node);
        if (typeof value !== 'number' || Number.isFinite(value)) return value;
        throw new YamlProblem('a number that is not finite', node.start);
      }
      case 'sequence':
        return node.items.map((item) => this.value(item));
      case 'mapping':
        return this.#mapping(node);
      default:
        return this.value(node);
    }
  }

  #mapping(node: YamlMapping): JsonObject {
    const object: Record<string, JsonValue> = {};
    const { keys, values } = node;
    let merged: Set<string> | undefined;
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      const value = values[at];
      if (!key || !value) break;
      if (isMergeKey(this.#text, key)) {
        merged ??= new Set(Object.keys(object));
        this.#merge(object, value);
        continue;
      }
      const name = keyText(this.#text, key);
      if (name === undefined) throw new YamlProblem('a key must be a text, a number or a boolean', key.start);
      const made = this.value(value);
      if (Object.hasOwn(object, name) && (!merged || merged.has(name))) {
        this.repeatedKeys.push({ key: name, at: key.start });
      }
      merged?.add(name);
      put(object, name, made);
    }
    return object;
  }

  #merge(object: Record<string, JsonValue>, source: YamlNode): void {
    const node = source.kind === 'alias' ? source.target : source;
    const parts = node.kind === 'sequence' ? [...node.items].reverse() : [node];
    for (const part of parts) {
      const mapping = part.kind === 'alias' ? part.target : part;
      if (mapping.kind !== 'mapping')
        throw new YamlProblem('map merge requires map or sequence of maps as the value', source.start);
      const value = this.value(mapping) as JsonObject;
      for (const key of Object.keys(value)) put(object, key, value[key] ?? null);
    }
  }
}

function put(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function scalarValue(text: string, node: YamlScalar): ScalarValue {
  const source = node.detail < 0 ? '' : scalarText(text, node.start, node.end, node.detail);
  if (node.tag !== undefined) return tagged(node, source);
  return node.detail < 0 || isPlain(node.detail) ? resolvePlain(source) : source;
}

/** An explicit tag: the standard ones must fit the text, others leave it as text. */
function tagged(node: YamlScalar, source: string): ScalarValue {
  const tag = standardTags.get(node.tag ?? '');
  if (tag === undefined) return source;
  if (tag === 'binary') return decodeBase64(source, node.start);
  const value = resolvePlain(source);
  const fits =
    tag === 'null'
      ? value === null
      : tag === 'bool'
        ? typeof value === 'boolean'
        : typeof value === 'number' && (tag === 'float' || Number.isInteger(value));
  if (fits) return value;
  throw new YamlProblem(`the text does not fit its tag !!${tag}`, node.start);
}

const standardTags: ReadonlyMap<string, 'null' | 'bool' | 'int' | 'float' | 'binary'> = new Map(
  (['null', 'bool', 'int', 'float', 'binary'] as const).flatMap((name) => [
    [`!!${name}`, name] as const,
    [`!<tag:yaml.org,2002:${name}>`, name] as const,
  ]),
);

function decodeBase64(source: string, at: number): string {
  const bare = source.replaceAll(/[\r\n]/g, '');
  if (bare.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(bare)) {
    throw new YamlProblem('!!binary value contains invalid base64 data', at);
  }
  const binary = atob(bare);
  const bytes = new Uint8Array(binary.length);
  for (let nth = 0; nth < binary.length; nth++) bytes[nth] = binary.charCodeAt(nth);
  return new TextDecoder().decode(bytes);
}

function numberKey(value: number | boolean): string {
  if (value === Number.POSITIVE_INFINITY) return '.inf';
  if (value === Number.NEGATIVE_INFINITY) return '-.inf';
  return Number.isNaN(value) ? '.nan' : String(value);
}
