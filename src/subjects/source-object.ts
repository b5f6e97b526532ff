import { asObject, type JsonObject, type JsonValue } from '../formats/index.js';
import { needsOf, type Policy, type PolicySubject } from '../policy/index.js';

/** Bytes of an object that a policy still looks at as a whole. */
export const maxSourceBytes = 1024 * 1024;

/** Does a policy ask about the object as it is written? */
export function needsSource(policy: Policy): boolean {
  return policy.rules.some(({ check }) => check.id === 'opa' || needsOf(check).includes('object'));
}

/** The object for rules over all of it, or why there is none for them. */
export function sourceOf(object: JsonObject): Pick<PolicySubject, 'source' | 'sourceGap'> {
  const source = withoutBookkeeping(object);
  return textOfSource(source) === undefined ? { sourceGap: tooLargeSource } : { source };
}

/** The object as JSON; undefined for one that is too large, which is found out without writing it. */
export function textOfSource(object: JsonObject): string | undefined {
  if (leastBytes(object, maxSourceBytes) > maxSourceBytes) return undefined;
  const text = JSON.stringify(object);
  return text.length > maxSourceBytes ? undefined : text;
}

/** Said of an object that is too large. */
export const tooLargeSource: string = `the object has more than ${maxSourceBytes} bytes`;

/** A lower bound of its length as JSON, up to where it is over the limit. */
function leastBytes(value: JsonValue, limit: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (value === null || typeof value !== 'object') return 1;
  let bytes = 1;
  if (isList(value)) {
    for (let at = 0; at < value.length && bytes <= limit; at++) {
      bytes += 1 + leastBytes(value[at] ?? null, limit - bytes);
    }
    return bytes;
  }
  // Not its entries, which would be a copy of all of it.
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    bytes += key.length + 4 + leastBytes(value[key] ?? null, limit - bytes);
    if (bytes > limit) break;
  }
  return bytes;
}

/** The object without who wrote which field, and what became of it: neither is what was asked for. */
export function withoutBookkeeping(object: JsonObject): JsonObject {
  const { status: _, ...rest } = object;
  const metadata = asObject(object.metadata);
  if (!metadata) return rest;
  const { managedFields: __, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}
