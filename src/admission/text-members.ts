import { asObject, type JsonValue } from '../formats/index.js';

/** A map of texts, as annotations and labels are: empty where there is none, nothing where it holds anything else. */
export function textMembers(value: JsonValue | undefined): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {};
  const object = asObject(value);
  if (!object) return undefined;
  const entries: [string, string][] = [];
  for (const [key, member] of Object.entries(object)) {
    if (typeof member !== 'string') return undefined;
    entries.push([key, member]);
  }
  // A key named __proto__ is a key like others.
  return Object.fromEntries(entries);
}
