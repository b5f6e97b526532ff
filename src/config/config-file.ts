import { messageOf } from '../core/index.js';
import { asObject, type JsonValue } from '../formats/index.js';
import { ConfigError } from './config-error.js';
import { readUserFile } from './user-file.js';

/** A configuration file, flattened: dotted path to value. */
export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, JsonValue>;
}

/**
 * Reads nested YAML. Undefined when there is no file and none was `required`.
 * @throws ConfigError `CONFIG_FILE_NOT_FOUND`, `CONFIG_FILE_INVALID` (with the line), `FILE_INVALID`.
 */
export async function readConfigFile(
  path: string,
  options: { readonly required: boolean },
): Promise<ConfigFile | undefined> {
  const text = await readUserFile(path, 'configuration file');
  if (text === undefined) {
    if (!options.required) return undefined;
    throw new ConfigError('CONFIG_FILE_NOT_FOUND', `there is no configuration file ${path}`, {
      hint: 'name a file that exists, or leave --config out',
    });
  }
  return { path, values: flatten(await parse(path, text), path) };
}

async function parse(path: string, text: string): Promise<JsonValue> {
  // Most runs have no such file, and need no YAML.
  const { parseYaml } = await import('../formats/index.js');
  try {
    return parseYaml(text, { name: path }) ?? null;
  } catch (cause) {
    // An empty document is no error: everything has its default.
    if (/^(?:\s|#[^\n]*(?:\n|$))*$/.test(text.slice(0, 100_000)) && text.length <= 100_000) return null;
    throw new ConfigError('CONFIG_FILE_INVALID', messageOf(cause), { cause });
  }
}

function flatten(document: JsonValue, path: string): ReadonlyMap<string, JsonValue> {
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
      if (inner) visit(key, inner);
      else values.set(key, value);
    }
  };
  visit('', root);
  return values;
}
