import { FormatError, limits, messageOf } from '../core/index.js';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });

/**
 * One JSON document. Nesting is counted before parsing, because the engine's own parser and whoever walks the result
 * would otherwise run out of stack.
 * @throws FormatError `LIMIT_EXCEEDED` past `maxBytes` or `maxDepth`, `INVALID` for anything that is no JSON.
 */
export function parseJson(
  source: string | Uint8Array,
  options: { readonly maxBytes?: number; readonly maxDepth?: number } = {},
): JsonValue {
  const maxBytes = options.maxBytes ?? limits.imageDocumentBytes;
  if (source.length > maxBytes) throw new FormatError('LIMIT_EXCEEDED', `JSON of more than ${maxBytes} bytes`);
  const text = typeof source === 'string' ? source : decoder.decode(source);
  checkDepth(text, options.maxDepth ?? limits.documentDepth);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new FormatError('INVALID', `not valid JSON: ${messageOf(cause)}`, { cause });
  }
}

/** The value, if it is an object; `undefined` otherwise. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !isArray(value) ? value : undefined;
}

export function asArray(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  return isArray(value) ? value : undefined;
}

export function asString(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The texts of an array of texts; `undefined` if it is none, or holds anything else. */
export function asStrings(value: JsonValue | undefined): readonly string[] | undefined {
  const list = asArray(value);
  return list?.every((item): item is string => typeof item === 'string') ? list : undefined;
}

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function checkDepth(text: string, maxDepth: number): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 92) i++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      if (++depth > maxDepth) throw new FormatError('LIMIT_EXCEEDED', `JSON nested deeper than ${maxDepth} levels`);
    } else if (code === 125 || code === 93) depth--;
  }
}
