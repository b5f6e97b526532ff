import type { JsonValue } from '../formats/index.js';
import { ConfigError } from './config-error.js';
import { registryFileKeys } from './options/registry.js';
import { readUserFile } from './user-file.js';

/** A configuration file, flattened: dotted path to value. What has a `FileKey` stays a map. */
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
  // Most runs have no such file, and need no YAML.
  const { parseConfigDocument } = await import('./config-document.js');
  return { path, values: parseConfigDocument(path, text, whole) };
}

const whole: ReadonlySet<string> = new Set(registryFileKeys.map(({ key }) => key));
