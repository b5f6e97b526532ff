import { asObject, type JsonObject } from '../formats/index.js';
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
  if (JSON.stringify(source).length <= maxSourceBytes) return { source };
  return { sourceGap: `the object has more than ${maxSourceBytes} bytes` };
}

/** The object without who wrote which field, and what became of it: neither is what was asked for. */
export function withoutBookkeeping(object: JsonObject): JsonObject {
  const { status: _, ...rest } = object;
  const metadata = asObject(object.metadata);
  if (!metadata) return rest;
  const { managedFields: __, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
