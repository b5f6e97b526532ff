import { closest } from './closest.js';
import type { Option } from './option.js';

/** The value of an option: switches are booleans; durations are milliseconds, sizes bytes; lists keep their order. */
export type OptionValue = boolean | number | string | readonly string[];

/** Either a value, or what is wrong with the text as one clause, and what to do. */
export type Reading =
  | { readonly value: OptionValue }
  | { readonly wrong: string; readonly hint?: string | undefined; readonly notServed?: boolean | undefined };

const trueWords = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falseWords = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** Reads and checks one text; a list's text holds its elements between commas. */
export function readValue(option: Option, text: string): Reading {
  switch (option.type) {
    case 'switch':
      return readSwitch(text);
    case 'list':
      return readList(option, text);
    case 'text':
      return checkWord(option, text) ?? { value: text };
    case 'int':
      return readNumber(option, text, /^[+-]?[0-9]{1,15}$/, 'a whole number');
    case 'number':
      return readNumber(option, text, /^[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?$/, 'a number');
    case 'duration':
      return readDuration(text);
    case 'size':
      return readSize(text);
  }
}

/** Does a switch understand this text? */
export function isSwitchWord(text: string): boolean {
  return trueWords.has(text) || falseWords.has(text);
}

/** Splits at commas; an element in double quotes keeps its commas, and a doubled quote inside it is one. */
export function splitList(text: string): readonly string[] {
  const elements: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text.charAt(at) === '"') {
      const close = closingQuote(text, at + 1);
      if (close !== undefined && (close + 1 === text.length || text.charAt(close + 1) === ',')) {
        elements.push(text.slice(at + 1, close).replaceAll('""', '"'));
        at = close + 2;
        continue;
      }
    }
    const comma = text.indexOf(',', at);
    const end = comma < 0 ? text.length : comma;
    elements.push(text.slice(at, end));
    at = end + 1;
  }
  return elements;
}

function closingQuote(text: string, start: number): number | undefined {
  for (let at = text.indexOf('"', start); at >= 0; at = text.indexOf('"', at)) {
    if (text.charAt(at + 1) !== '"') return at;
    at += 2;
  }
  return undefined;
}

function readSwitch(text: string): Reading {
  if (trueWords.has(text)) return { value: true };
  if (falseWords.has(text)) return { value: false };
  return { wrong: 'is neither true nor false', hint: 'write true or false' };
}

function readList(option: Option, text: string): Reading {
  const elements = splitList(text);
  if (elements.length === 1 && elements[0] === '' && option.values === undefined) return { value: [] };
  for (const element of elements) {
    const wrong = checkWord(option, element);
    if (wrong) return wrong;
  }
  return { value: elements };
}

function checkWord(option: Option, word: string): Reading | undefined {
  const refused = option.refusedValues;
  if (refused && Object.hasOwn(refused, word)) return { wrong: `: ${word} ${refused[word] ?? ''}`, notServed: true };
  if (!option.values || option.values.includes(word)) return undefined;
  const meant = closest(word, option.values);
  const allowed = `allowed values: ${option.values.join(', ')}`;
  const what = word === '' ? 'has an empty value' : `does not know the value "${word}"`;
  return { wrong: what, hint: meant === undefined ? allowed : `did you mean ${meant}? (${allowed})` };
}

function readNumber(option: Option, text: string, pattern: RegExp, kind: string): Reading {
  const [least, greatest] = option.range ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (!pattern.test(text)) return { wrong: `takes ${kind}, not "${text}"` };
  const value = Number(text);
  if (value >= least && value <= greatest) return { value };
  const bound = greatest === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${greatest}`;
  return { wrong: `takes ${kind} ${bound}, not ${text}` };
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

function readDuration(text: string): Reading {
  const wrong = { wrong: `takes a duration, not "${text}"`, hint: 'write it like 90s, 5m or 1h30m' };
  if (text.length > 60) return wrong;
  if (/^[+-]?0$/.test(text)) return { value: 0 };
  let total = 0;
  let read = 0;
  for (const [piece, amount, unit] of text.matchAll(/([0-9]{1,12}(?:\.[0-9]{1,12})?)(ns|us|µs|ms|s|m|h)/gy)) {
    total += Number(amount) * (unitMs.get(unit ?? '') ?? 0);
    read += piece.length;
  }
  return read === text.length && read > 0 ? { value: total } : wrong;
}

function readSize(text: string): Reading {
  const found = /^([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([kKmMgGtT])?(i)?[bB]?$/.exec(text);
  if (!found) return { wrong: `takes a size, not "${text}"`, hint: 'write it like 500MB, 10GB or 2GiB' };
  const exponent = found[2] === undefined ? 0 : 'kmgt'.indexOf(found[2].toLowerCase()) + 1;
  return { value: Math.floor(Number(found[1]) * (found[3] ? 1024 : 1000) ** exponent) };
}
