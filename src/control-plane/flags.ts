import type { Place } from './fault.js';

/** One word of a command line, and where it is written. */
export interface Word {
  readonly text: string;
  readonly place: Place;
}

/** A flag as it was given. */
export interface Flag {
  /** Without dashes, with `-` for `_`. */
  readonly name: string;
  /** Nothing for one that stands alone. */
  readonly value: string | undefined;
  readonly place: Place;
}

/** Flags in their order, read as the API server reads them: `--name=value` or `--name value`, `_` as good as `-`. */
export function readFlags(words: readonly Word[]): readonly Flag[] {
  const flags: Flag[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined || !word.text.startsWith('--') || word.text === '--') continue;
    const equals = word.text.indexOf('=');
    const name = (equals < 0 ? word.text.slice(2) : word.text.slice(2, equals)).replaceAll('_', '-');
    const next = words[at + 1];
    if (equals >= 0) flags.push({ name, value: word.text.slice(equals + 1), place: word.place });
    else if (next !== undefined && !next.text.startsWith('--')) {
      flags.push({ name, value: next.text, place: word.place });
      at++;
    } else flags.push({ name, value: undefined, place: word.place });
  }
  return flags;
}

/** A name from a list that a flag holds. */
export interface ListItem {
  /** As it is written, blanks included. */
  readonly text: string;
  readonly place: Place;
}

/** The items of a list flag: several of the name add up. */
export function listOf(flags: readonly Flag[], name: string): readonly ListItem[] {
  return flags
    .filter((flag) => flag.name === name)
    .flatMap(({ value, place }) => fieldsOf(value ?? '').map((text) => ({ text, place })))
    .filter(({ text }) => text !== '');
}

/** Lists are read as a line of CSV: a field in quotes is one name, commas inside it and all. */
function fieldsOf(text: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const close = text.charAt(at) === '"' ? text.indexOf('"', at + 1) : -1;
    if (close > 0 && (close + 1 === text.length || text.charAt(close + 1) === ',')) {
      fields.push(text.slice(at + 1, close));
      at = close + 2;
      continue;
    }
    const comma = text.indexOf(',', at);
    const end = comma < 0 ? text.length : comma;
    fields.push(text.slice(at, end));
    at = end + 1;
  }
  return fields;
}

/** The flag that counts: the last one of the name. */
export function lastFlag(flags: readonly Flag[], name: string): Flag | undefined {
  return flags.findLast((flag) => flag.name === name);
}

/** A text taken apart as systemd and shells do: at blanks, with quotes and backslashes. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"') word = (word ?? '') + text.charAt(++at);
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\') word = (word ?? '') + text.charAt(++at);
    else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}
