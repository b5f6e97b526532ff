/**
 * Kubernetes' schemas in the form they are kept: one line for each type, `name:type` for each of its fields, in the order
 * of the API server's own document; a required field has `!` behind its name. Types: `s` text, `b` boolean, `i` integer,
 * `n` number, `q` quantity, `x` integer or text, `o` any object, `a` anything, a number the type on that line; `[` before
 * it a list of them, `{` a mapping to them.
 */
export interface SchemaTable {
  /** Of the server whose document it is. */
  readonly version: string;
  /** `<kind>-<group up to its first dot>-<version>`, or `<kind>-<version>`, in lower case: the line of its type. */
  kind(key: string): KindSchema | undefined;
  type(line: number): ObjectType;
}

export interface KindSchema {
  readonly kind: string;
  readonly apiVersion: string;
  readonly line: number;
}

export interface ObjectType {
  readonly fields: ReadonlyMap<string, FieldType>;
  readonly required: readonly string[];
}

export interface FieldType {
  readonly code: string;
  readonly required: boolean;
}

/** Reads a table; its types are read when they are asked for. */
export function readSchemaTable(text: string): SchemaTable {
  const [head = '', ...lines] = text.split('\n');
  const [version = '', ...kindWords] = head.split(' ');
  const kinds = new Map<string, KindSchema>();
  for (const word of kindWords) {
    const [apiVersion = '', kind = '', line = ''] = word.split('=');
    kinds.set(kindKey(apiVersion, kind), { kind, apiVersion, line: Number(line) });
  }
  const types = new Map<number, ObjectType>();
  return {
    version,
    kind: (key) => kinds.get(key),
    type(line) {
      let type = types.get(line);
      if (!type) types.set(line, (type = readType(lines[line] ?? '')));
      return type;
    },
  };
}

/** The name of a kind's schema, as the public collections of schemas spell it. */
export function kindKey(apiVersion: string, kind: string): string {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : (apiVersion.slice(0, slash).split('.')[0] ?? '');
  const version = apiVersion.slice(slash + 1);
  return [kind, group, version]
    .filter((part) => part !== '')
    .join('-')
    .toLowerCase();
}

function readType(line: string): ObjectType {
  const fields = new Map<string, FieldType>();
  const required: string[] = [];
  for (const word of line === '' ? [] : line.split(',')) {
    const colon = word.indexOf(':');
    const isRequired = word.charAt(colon - 1) === '!';
    const name = word.slice(0, isRequired ? colon - 1 : colon);
    fields.set(name, { code: word.slice(colon + 1), required: isRequired });
    if (isRequired) required.push(name);
  }
  return { fields, required };
}
