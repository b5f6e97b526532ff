import { messageOf } from '../core/index.js';
import { asObject, parseYaml, type JsonValue } from '../formats/index.js';
import { ConfigError } from './config-error.js';

/**
 * The values of nested YAML by their dotted paths; the map below one of the `whole` paths is one value.
 * @throws ConfigError `CONFIG_FILE_INVALID`, with the line where the text is no YAML.
 */
export function parseConfigDocument(
  path: string,
  text: string,
  whole: ReadonlySet<string>,
): ReadonlyMap<string, JsonValue> {
  return flatten(parse(path, text), path, whole);
}

function parse(path: string, text: string): JsonValue {
  try {
    return parseYaml(text, { name: path }) ?? null;
  } catch (cause) {
    // An empty document is no error: everything has its default.
    if (/^(?:\s|#[^\n]*(?:\n|$))*$/.test(text.slice(0, 100_000)) && text.length <= 100_000) return null;
    throw new ConfigError('CONFIG_FILE_INVALID', messageOf(cause), { cause });
  }
}

function flatten(document: JsonValue, path: string, whole: ReadonlySet<string>): ReadonlyMap<string, JsonValue> {
  const values = new Map<string, JsonValue>();
  if (document === null) return values;
  const root = asObject(document);
  if (!root) {
    throw new ConfigError('CONFIG_FILE_INVALID', `${path} must hold settings as "name: value"`, {
      hint: 'tidewaiter image --generate-default-config writes an example',
    });
  }
  const visit = (prefix: string, members: Readonly<Record<string, JsonValue>>): void => {
    for (const [name, value] of Object.entries(members)) {
      const key = prefix === '' ? name : `${prefix}.${name}`;
      const inner = asObject(value);
      if (inner && !whole.has(key)) visit(key, inner);
      else values.set(key, value);
    }
  };
  visit('', root);
  return values;
}
