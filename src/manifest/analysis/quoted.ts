import type { JsonValue } from '../../formats/index.js';

const maxLength = 80;

/**
 * A value of a manifest as it stands in a message: a text in quotes, control characters escaped, long ones cut; mappings and
 * lists by what they are.
 */
export function quoted(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping';
  if (typeof value !== 'string') return String(value);
  const cut = value.length > maxLength ? `${value.slice(0, maxLength)}…` : value;
  return JSON.stringify(cut).replaceAll(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Control characters that JSON leaves as they are, and those that turn the direction of a line. */
const unsafe = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? '';
  if (words.length > 4) return `${words.slice(0, 3).join(', ')} and ${words.length - 3} more`;
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
