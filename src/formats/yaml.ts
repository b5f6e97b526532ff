import { FormatError, limits } from '../core/index.js';
import type { JsonValue } from './json.js';
import { readYamlStream } from './yaml-stream.js';

export interface YamlOptions {
  /** Named in error messages. */
  readonly name?: string | undefined;
  readonly maxBytes?: number | undefined;
}

/**
 * One YAML document as plain data, read as Kubernetes reads YAML; dates stay text. Nothing but comments is `null`.
 * @throws FormatError `INVALID` with line and column, `LIMIT_EXCEEDED` past the bounds (values behind aliases count).
 */
export function parseYaml(source: string, options: YamlOptions = {}): JsonValue {
  const [first = null, ...more] = parseYamlDocuments(source, options);
  if (more.length === 0) return first;
  throw new FormatError('INVALID', `${inFile(options)}not valid YAML: more than one document, and one is expected`);
}

/** Every document of a stream that holds something, in order. */
export function parseYamlDocuments(source: string, options: YamlOptions = {}): readonly JsonValue[] {
  const maxBytes = options.maxBytes ?? limits.userFileBytes;
  if (source.length > maxBytes) throw new FormatError('LIMIT_EXCEEDED', `YAML of more than ${maxBytes} bytes`);
  const documents: JsonValue[] = [];
  for (const part of readYamlStream(source, { maxDocumentLength: maxBytes })) {
    if (part.kind === 'document') documents.push(part.value);
    if (part.kind !== 'broken') continue;
    const code = part.pastBound ? 'LIMIT_EXCEEDED' : 'INVALID';
    throw new FormatError(code, `${inFile(options)}not valid YAML: ${part.reason} (${part.line}:${part.column})`);
  }
  return documents;
}

function inFile({ name }: YamlOptions): string {
  return name ? `${name}: ` : '';
}
