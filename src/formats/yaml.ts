import { CORE_SCHEMA, load, loadAll, mergeTag, boolYaml11Tag } from 'js-yaml';
import { FormatError, limits, messageOf } from '../core/index.js';
import type { JsonValue } from './json.js';

const schema = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag);

export interface YamlOptions {
  /** Named in error messages. */
  readonly name?: string | undefined;
  readonly maxBytes?: number | undefined;
}

/**
 * One YAML document as plain data: core schema, the booleans of YAML 1.1 and merge keys; dates stay text.
 * @throws FormatError `INVALID` with line and column, `LIMIT_EXCEEDED` past the bounds (aliases are counted).
 */
export function parseYaml(source: string, options: YamlOptions = {}): JsonValue {
  return guard(source, options, (text, settings) => load(text, settings)) as JsonValue;
}

/** Every document of a stream, in order. */
export function parseYamlDocuments(source: string, options: YamlOptions = {}): readonly JsonValue[] {
  return guard(source, options, (text, settings) => loadAll(text, settings)) as readonly JsonValue[];
}

type Settings = NonNullable<Parameters<typeof load>[1]>;

function guard<T>(source: string, options: YamlOptions, read: (text: string, settings: Settings) => T): T {
  const maxBytes = options.maxBytes ?? limits.userFileBytes;
  if (source.length > maxBytes) throw new FormatError('LIMIT_EXCEEDED', `YAML of more than ${maxBytes} bytes`);
  try {
    return read(source, { schema, maxDepth: limits.documentDepth, maxAliases: 10_000 });
  } catch (cause) {
    const where = options.name ? `${options.name}: ` : '';
    throw new FormatError('INVALID', `${where}not valid YAML: ${firstLine(messageOf(cause))}`, { cause });
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
