import { escapeDigits, isBlank, isBreak, style } from './yaml-tokens.js';

/** What a tag or its absence makes of a scalar's text. */
export type ScalarValue = null | boolean | number | string;

/** The text of a scalar: quotes and escapes resolved, lines folded as its style says. */
export function scalarText(text: string, start: number, end: number, detail: number): string {
  switch (detail & 15) {
    case style.plainSimple:
      return text.slice(start, end);
    case style.singleSimple:
    case style.doubleSimple:
      return text.slice(start + 1, end - 1);
    case style.plain:
      return foldPlain(text, start, end);
    case style.single:
      return foldQuoted(text, start + 1, end - 1, 39);
    case style.double:
      return foldQuoted(text, start + 1, end - 1, 34);
    default:
      return blockText(text, start, end, detail);
  }
}

/** `plain` is whether it may be a number, a boolean or nothing; quoted texts and blocks never are. */
export function isPlain(detail: number): boolean {
  return (detail & 15) <= style.plain;
}

const words: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);
const longestWord = 5;

const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const pointFloat = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;

/**
 * A plain scalar as Kubernetes reads it: YAML 1.1's booleans and octal numbers, binary, hexadecimal and underscored
 * ones; no numbers to base 60, and dates stay text.
 */
export function resolvePlain(source: string): ScalarValue {
  const code = source.charCodeAt(0);
  if (source.length <= longestWord) {
    const word = words.get(source);
    if (word !== undefined) return word;
  }
  if (code === 46) return pointFloat.test(source) ? Number(source) : source;
  if (!(code >= 48 && code <= 57) && code !== 43 && code !== 45) return source;
  return parseNumber(source) ?? source;
}

/** A number, as far as the text is one. */
function parseNumber(source: string): number | undefined {
  const plain = source.includes('_') ? source.replaceAll('_', '') : source;
  if (plain.length > 400) return undefined;
  if (integer.test(plain)) {
    const value = parseInteger(plain);
    if (value !== undefined) return value;
  }
  if (!float.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

/** What fits 64 bits; the rest is left to the floats. */
function parseInteger(plain: string): number | undefined {
  const signed = plain.charCodeAt(0) === 43 || plain.charCodeAt(0) === 45;
  const digits = signed ? plain.slice(1) : plain;
  const negative = plain.charCodeAt(0) === 45;
  const base = digits.length < 2 || digits.charCodeAt(0) !== 48 ? 10 : (bases[digits.charAt(1).toLowerCase()] ?? 8);
  const bare = base === 10 ? digits : digits.replace(/^0[xXbBoO]?/, '');
  // Short enough to be exact without further thought.
  const value = bare.length <= 10 ? Number.parseInt(bare, base) : wide(bare, base, negative);
  return value === undefined ? undefined : negative && value !== 0 ? -value : value;
}

const bases: Readonly<Record<string, number>> = { x: 16, b: 2, o: 8 };

function wide(digits: string, base: number, negative: boolean): number | undefined {
  const prefix = base === 16 ? '0x' : base === 8 ? '0o' : base === 2 ? '0b' : '';
  const value = BigInt(`${prefix}${digits}`);
  const most = negative ? 1n << 63n : (1n << 64n) - 1n;
  return value > most ? undefined : Number(value);
}

/** Line breaks and what surrounds them become one space, or the empty lines between. */
function foldPlain(text: string, start: number, end: number): string {
  let result = '';
  let at = start;
  let from = start;
  while (at < end) {
    if (!isBreak(text.charCodeAt(at))) {
      at++;
      continue;
    }
    let wordEnd = at;
    while (wordEnd > from && isBlank(text.charCodeAt(wordEnd - 1))) wordEnd--;
    result += text.slice(from, wordEnd);
    const folded = foldBreaks(text, at, end);
    result += folded.text;
    at = from = folded.at;
  }
  return result + text.slice(from, end);
}

interface Folded {
  readonly text: string;
  readonly at: number;
}

/** From a line break to the next character that is neither break nor blank. */
function foldBreaks(text: string, start: number, end: number): Folded {
  let at = start;
  let breaks = 0;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (isBreak(code)) {
      breaks++;
      at += code === 13 && text.charCodeAt(at + 1) === 10 ? 2 : 1;
    } else if (isBlank(code)) at++;
    else break;
  }
  return { text: breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), at };
}

function foldQuoted(text: string, start: number, end: number, quote: number): string {
  let result = '';
  let from = start;
  let at = start;
  /** Blanks before it stand there on purpose. */
  let solid = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (quote === 39 && code === 39) {
      result += text.slice(from, at + 1);
      at += 2;
      from = solid = at;
    } else if (quote === 34 && code === 92) {
      result += text.slice(from, at);
      const escaped = unescape(text, at + 1, end);
      result += escaped.text;
      at = from = solid = escaped.at;
    } else if (isBreak(code)) {
      let wordEnd = at;
      while (wordEnd > solid && isBlank(text.charCodeAt(wordEnd - 1))) wordEnd--;
      result += text.slice(from, wordEnd);
      const folded = foldBreaks(text, at, end);
      result += folded.text;
      at = from = solid = folded.at;
    } else at++;
  }
  return result + text.slice(from, end);
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

function unescape(text: string, at: number, end: number): Folded {
  const code = text.charCodeAt(at);
  if (isBreak(code)) {
    let next = at + (code === 13 && text.charCodeAt(at + 1) === 10 ? 2 : 1);
    // Empty lines behind an escaped break stay; blanks do not.
    let breaks = '';
    for (; next < end; next++) {
      const following = text.charCodeAt(next);
      if (isBreak(following)) {
        breaks += '\n';
        if (following === 13 && text.charCodeAt(next + 1) === 10) next++;
      } else if (!isBlank(following)) break;
    }
    return { text: breaks, at: next };
  }
  const digits = escapeDigits(code);
  if (digits <= 0) {
    const letter = text.charAt(at);
    return { text: simpleEscapes.get(letter) ?? letter, at: at + 1 };
  }
  const point = Number.parseInt(text.slice(at + 1, at + 1 + digits), 16);
  return { text: point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point), at: at + 1 + digits };
}

function blockText(text: string, start: number, end: number, detail: number): string {
  const folded = (detail & 15) === style.folded;
  const chomping = (detail >> 4) & 3;
  const indent = detail >> 6;
  let at = start;
  while (at < end && !isBreak(text.charCodeAt(at))) at++;
  at = behindBreak(text, at, end);
  let result = '';
  /** The break behind the last line with text, and the empty lines that follow it. */
  let lastBreak = '';
  let emptyLines = '';
  let lastBegan = false;
  while (at < end) {
    let column = 0;
    while (column < indent && at < end && text.charCodeAt(at) === 32) {
      at++;
      column++;
    }
    if (at >= end && column < indent) break;
    const code = text.charCodeAt(at);
    if (isBreak(code)) {
      emptyLines += '\n';
      at = behindBreak(text, at, end);
      continue;
    }
    const beginsBlank = isBlank(code);
    if (folded && lastBreak !== '' && !lastBegan && !beginsBlank) {
      if (emptyLines === '') result += ' ';
    } else result += lastBreak;
    result += emptyLines;
    emptyLines = '';
    lastBegan = beginsBlank;
    const lineStart = at;
    while (at < end && !isBreak(text.charCodeAt(at))) at++;
    result += text.slice(lineStart, at);
    lastBreak = at < end ? '\n' : '';
    at = behindBreak(text, at, end);
  }
  if (chomping !== 1) result += lastBreak;
  if (chomping === 2) result += emptyLines;
  return result;
}

function behindBreak(text: string, at: number, end: number): number {
  if (at >= end) return at;
  return at + (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10 ? 2 : 1);
}
