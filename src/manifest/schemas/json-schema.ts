import { asArray, asObject, asString, asStrings, type JsonObject, type JsonValue } from '../../formats/index.js';
import { schemaMessage } from './bundled.js';
import { errorLines, escapeToken, group, grouped, leaf, list, quote, type SchemaError } from './schema-error.js';

/** A schema that the user has, and where it lies. */
export interface SchemaFile {
  readonly location: string;
  readonly schema: JsonObject;
}

/**
 * Checks an object against a JSON Schema with the keywords that schemas of Kubernetes kinds use: types, constants and
 * enumerations, properties, required and additional ones, items, alternatives, bounds, and references within the file.
 * Other keywords demand nothing. Patterns demand nothing either: they are foreign regular expressions.
 * @returns kubesec's message, or `undefined`.
 */
export function schemaFileCheck(object: JsonObject, { location, schema }: SchemaFile): string | undefined {
  const error = new Validator(schema).value(object, schema, '', 0);
  if (!error) return undefined;
  return schemaMessage(location, errorLines(error.text === grouped ? error.causes : [error]));
}

const maxDepth = 400;

class Validator {
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  value(value: JsonValue, schema: JsonValue, at: string, depth: number): SchemaError | undefined {
    if (schema === false) return leaf(at, 'false schema');
    const rules = asObject(schema);
    if (!rules || depth > maxDepth) return undefined;
    const errors: SchemaError[] = [];
    const wanted = asStrings(rules.type) ?? [asString(rules.type) ?? ''];
    if (wanted[0] !== '' && !wanted.some((type) => isOf(value, type))) {
      errors.push(leaf(at, `got ${typeOf(value)}, want ${[...wanted].sort().join(' or ')}`));
    }
    if (rules.const !== undefined && !isSame(value, rules.const))
      errors.push(leaf(at, `value must be ${shown(rules.const)}`));
    const choices = asArray(rules.enum);
    if (choices && !choices.some((choice) => isSame(value, choice))) errors.push(leaf(at, choiceText(choices)));
    if (typeof rules.$ref === 'string') {
      const target = this.#resolve(rules.$ref);
      const error = target === undefined ? undefined : this.value(value, target, at, depth + 1);
      if (error) errors.push(...(error.text === grouped ? error.causes : [error]));
    }
    const object = asObject(value);
    if (object) errors.push(...this.#members(object, rules, at, depth));
    if (Array.isArray(value)) errors.push(...this.#items(value as readonly JsonValue[], rules, at, depth));
    errors.push(...bounds(value, rules, at), ...this.#alternatives(value, rules, at, depth));
    return group(at, errors);
  }

  #members(object: JsonObject, rules: JsonObject, at: string, depth: number): SchemaError[] {
    const errors: SchemaError[] = [];
    const missing = (asStrings(rules.required) ?? []).filter((name) => !Object.hasOwn(object, name));
    if (missing.length > 0) {
      errors.push(leaf(at, `missing ${missing.length === 1 ? 'property' : 'properties'} ${list(missing)}`));
    }
    const properties = asObject(rules.properties);
    const unknown: string[] = [];
    for (const [name, member] of Object.entries(object)) {
      const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
      const schema = own ?? rules.additionalProperties;
      if (schema === false && own === undefined) unknown.push(name);
      else if (schema !== undefined) {
        const error = this.value(member, schema, `${at}/${escapeToken(name)}`, depth + 1);
        if (error) errors.push(error);
      }
    }
    if (unknown.length > 0) errors.push(leaf(at, `additional properties ${list(unknown)} not allowed`));
    return errors;
  }

  #items(items: readonly JsonValue[], rules: JsonObject, at: string, depth: number): SchemaError[] {
    const { items: schema } = rules;
    if (schema === undefined) return [];
    return items.flatMap((item, nth) => this.value(item, schema, `${at}/${nth}`, depth + 1) ?? []);
  }

  #alternatives(value: JsonValue, rules: JsonObject, at: string, depth: number): SchemaError[] {
    const errors: SchemaError[] = [];
    const failures = (schemas: readonly JsonValue[]) =>
      schemas.map((schema) => this.value(value, schema, at, depth + 1));
    const present = (found: readonly (SchemaError | undefined)[]) => found.filter((error) => error !== undefined);
    const all = asArray(rules.allOf);
    if (all) {
      const failed = present(failures(all));
      if (failed.length > 0) errors.push({ at, text: 'allOf failed', causes: failed });
    }
    const any = asArray(rules.anyOf);
    if (any) {
      const failed = present(failures(any));
      if (failed.length === any.length) errors.push({ at, text: 'anyOf failed', causes: failed });
    }
    const one = asArray(rules.oneOf);
    if (one) {
      const found = failures(one);
      const matched = found.flatMap((error, nth) => (error === undefined ? [nth] : []));
      if (matched.length === 0) errors.push({ at, text: 'oneOf failed, none matched', causes: present(found) });
      else if (matched.length > 1) {
        errors.push(leaf(at, `oneOf failed, subschemas ${matched.slice(0, 2).join(', ')} matched`));
      }
    }
    if (rules.not !== undefined && this.value(value, rules.not, at, depth + 1) === undefined) {
      errors.push(leaf(at, 'not failed'));
    }
    return errors;
  }

  /** Within the file only. */
  #resolve(reference: string): JsonValue | undefined {
    if (!reference.startsWith('#')) return undefined;
    let here: JsonValue | undefined = this.#root;
    for (const step of reference.slice(1).split('/').slice(1)) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      const object = asObject(here);
      here = object ? (Object.hasOwn(object, name) ? object[name] : undefined) : asArray(here)?.[Number(name)];
    }
    return here;
  }
}

function bounds(value: JsonValue, rules: JsonObject, at: string): SchemaError[] {
  const errors: SchemaError[] = [];
  const check = (got: number, least: JsonValue | undefined, most: JsonValue | undefined, names: readonly string[]) => {
    if (typeof least === 'number' && got < least) errors.push(leaf(at, `${names[0] ?? ''}: got ${got}, want ${least}`));
    if (typeof most === 'number' && got > most) errors.push(leaf(at, `${names[1] ?? ''}: got ${got}, want ${most}`));
  };
  if (typeof value === 'number') check(value, rules.minimum, rules.maximum, ['minimum', 'maximum']);
  if (typeof value === 'string')
    check(Array.from(value).length, rules.minLength, rules.maxLength, ['minLength', 'maxLength']);
  if (Array.isArray(value)) check(value.length, rules.minItems, rules.maxItems, ['minItems', 'maxItems']);
  const object = asObject(value);
  if (object) {
    check(Object.keys(object).length, rules.minProperties, rules.maxProperties, ['minProperties', 'maxProperties']);
  }
  return errors;
}

function typeOf(value: JsonValue): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function isOf(value: JsonValue, type: string): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

function choiceText(choices: readonly JsonValue[]): string {
  const [only] = choices;
  if (choices.length === 1 && only !== undefined) return `value must be ${shown(only)}`;
  return `value must be one of ${choices.map(shown).join(', ')}`;
}

function shown(value: JsonValue): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
