import { asObject, type JsonObject, type JsonValue } from '../../formats/index.js';
import { escapeToken, group, grouped, leaf, list, quote, type SchemaError } from './schema-error.js';
import type { FieldType, KindSchema, SchemaTable } from './schema-table.js';

/**
 * Checks an object strictly against the schema of its kind: types, required and unknown fields. Only fields that are not
 * required may be null. Errors are in the words of the validator that kubesec uses, in the order of the object.
 */
export function checkObject(object: JsonObject, schema: KindSchema, table: SchemaTable): readonly SchemaError[] {
  const error = new Checker(table).root(object, schema);
  if (!error) return [];
  return error.text === grouped ? error.causes : [error];
}

class Checker {
  readonly #table: SchemaTable;

  constructor(table: SchemaTable) {
    this.#table = table;
  }

  root(object: JsonObject, schema: KindSchema): SchemaError | undefined {
    const errors = this.#members(object, schema.line, '', { kind: schema.kind, apiVersion: schema.apiVersion });
    return group('', errors);
  }

  /** Errors of an object's own fields. */
  #members(object: JsonObject, line: number, at: string, fixed: Readonly<Record<string, string>> = {}): SchemaError[] {
    const { fields, required } = this.#table.type(line);
    const errors: SchemaError[] = [];
    const missing = required.filter((name) => !Object.hasOwn(object, name));
    if (missing.length > 0)
      errors.push(leaf(at, `missing ${missing.length === 1 ? 'property' : 'properties'} ${list(missing)}`));
    const unknown: string[] = [];
    for (const name of Object.keys(object)) {
      const field = fields.get(name);
      if (!field) {
        unknown.push(name);
        continue;
      }
      const below = `${at}/${escapeToken(name)}`;
      const value = object[name] ?? null;
      const wanted = Object.hasOwn(fixed, name) ? fixed[name] : undefined;
      const error = wanted === undefined ? this.#value(value, field, below) : this.#fixed(value, field, below, wanted);
      if (error) errors.push(error);
    }
    if (unknown.length > 0) errors.push(leaf(at, `additional properties ${list(unknown)} not allowed`));
    return errors;
  }

  #fixed(value: JsonValue, field: FieldType, at: string, wanted: string): SchemaError | undefined {
    const error = this.#value(value, field, at);
    const errors = error ? [error] : [];
    if (value !== wanted) errors.push(leaf(at, `value must be ${quote(wanted)}`));
    return group(at, errors);
  }

  #value(value: JsonValue, { code, required }: FieldType, at: string): SchemaError | undefined {
    const first = code.charAt(0);
    if (first === 'a') return undefined;
    if (first === 'q') return oneOf(value, ['string', 'number'], at);
    if (first === 'x') return oneOf(value, ['string', 'integer'], at);
    const type = typeNames[first] ?? 'object';
    if (!isOf(value, type) && !(value === null && !required)) return leaf(at, wrongType(value, type, !required));
    if (first === '[' && Array.isArray(value)) return this.#items(value, code.slice(1), at);
    const object = asObject(value);
    if (!object || type !== 'object' || first === 'o') return undefined;
    if (first === '{') return this.#mapped(object, code.slice(1), at);
    return group(at, this.#members(object, Number(code), at));
  }

  #items(items: readonly JsonValue[], code: string, at: string): SchemaError | undefined {
    const field = { code, required: false };
    return group(
      at,
      items.flatMap((item, nth) => this.#value(item, field, `${at}/${nth}`) ?? []),
    );
  }

  #mapped(object: JsonObject, code: string, at: string): SchemaError | undefined {
    const field = { code, required: false };
    return group(
      at,
      Object.keys(object).flatMap(
        (name) => this.#value(object[name] ?? null, field, `${at}/${escapeToken(name)}`) ?? [],
      ),
    );
  }
}

type TypeName = 'string' | 'boolean' | 'integer' | 'number' | 'array' | 'object';

const typeNames: Readonly<Record<string, TypeName>> = {
  s: 'string',
  b: 'boolean',
  i: 'integer',
  n: 'number',
  '[': 'array',
};

/** Both alternatives admit null, so that null is one too many. */
function oneOf(value: JsonValue, types: readonly TypeName[], at: string): SchemaError | undefined {
  if (value === null) return leaf(at, 'oneOf failed, subschemas 0, 1 matched');
  if (types.some((type) => isOf(value, type))) return undefined;
  return {
    at,
    text: 'oneOf failed, none matched',
    causes: types.map((type) => leaf(at, wrongType(value, type, true))),
  };
}

function wrongType(value: JsonValue, type: TypeName, nullable: boolean): string {
  const got = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return `got ${got}, want ${nullable ? 'null or ' : ''}${type}`;
}

function isOf(value: JsonValue, type: TypeName): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'object':
      return asObject(value) !== undefined;
    default:
      return typeof value === type;
  }
}
