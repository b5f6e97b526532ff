import { FormatError, messageOf } from '../core/index.js';
import { asArray, asObject, asString, type JsonObject, type JsonValue, parseJson } from '../formats/index.js';
import { type Digest, parseDigest } from '../reference/index.js';

/** A document that must be a JSON object; errors name it by `what`. */
export function parseDocument(bytes: Uint8Array, what: string): JsonObject {
  const value = asObject(parseDocumentValue(bytes, what));
  if (!value) throw invalid(what, 'is no JSON object');
  return value;
}

/** A document of any shape. */
export function parseDocumentValue(bytes: Uint8Array, what: string): JsonValue {
  try {
    return parseJson(bytes);
  } catch (cause) {
    const code = cause instanceof FormatError ? cause.code : 'INVALID';
    throw new FormatError(code, `${what} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** A digest that must be there and well-formed. */
export function digestField(value: JsonValue | undefined, what: string): Digest {
  const text = asString(value);
  if (text === undefined) throw invalid(what, 'has no digest');
  try {
    return parseDigest(text);
  } catch (cause) {
    throw new FormatError('INVALID', `${what} has no proper digest: ${messageOf(cause)}`, { cause });
  }
}

/** A size in bytes that must be there. */
export function sizeField(value: JsonValue | undefined, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalid(what, 'has no proper size');
  return value;
}

/** A list that must be there and no longer than `most`; `null`, as Go writes empty lists, is an empty one. */
export function listField(value: JsonValue | undefined, what: string, most: number): readonly JsonValue[] {
  const list = value === null ? [] : asArray(value);
  if (!list) throw invalid(what, 'is no list');
  if (list.length > most)
    throw new FormatError('LIMIT_EXCEEDED', `${what} has ${list.length} items; at most ${most} are read`);
  return list;
}

/** A text that is not empty. */
export function optionalText(value: JsonValue | undefined): string | undefined {
  const text = asString(value);
  return text === '' ? undefined : text;
}

export function invalid(what: string, wrong: string): FormatError {
  return new FormatError('INVALID', `${what} ${wrong}`);
}
