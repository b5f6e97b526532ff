import { asObject, type JsonObject, type JsonValue } from '../formats/index.js';

/** A map of texts, as annotations and labels are: empty where there is none, nothing where it holds anything else. */
export function textMembers(value: JsonValue | undefined): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {};
  const object = asObject(value);
  return object && isOfTexts(object) ? object : undefined;
}

/** Nothing is copied: there may be hundreds of thousands. */
function isOfTexts(object: JsonObject): object is Readonly<Record<string, string>> {
  return Object.values(object).every((member) => typeof member === 'string');
}
