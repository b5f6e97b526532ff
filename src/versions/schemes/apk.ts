import { compareDigits, isDigitAt, skipDigits } from '../digits.js';
import { invalidVersion, type VersionScheme } from '../version-scheme.js';

/**
 * Alpine's versions: `1.2.3b_rc1_p2-r4`, in the order of apk-tools 2 (https://gitlab.alpinelinux.org/alpine/apk-tools).
 * As there, a number that is missing where one could stand is zero.
 */
export const apk = {
  id: 'apk',
  isValid: (text) => tokenize(text) !== undefined,
  compare: (a, b) => compareTokens(parse(a), parse(b)),
} as const satisfies VersionScheme;

/** Kinds of tokens; of two versions that part at a token, the one whose kind is the greater number is the older. */
const zeroOrNumber = 0;
const number = 1;
const letter = 2;
const suffix = 3;
const suffixNumber = 4;
const revision = 5;
const end = 6;

const suffixRanks: ReadonlyMap<string, number> = new Map([
  ['alpha', -4],
  ['beta', -3],
  ['pre', -2],
  ['rc', -1],
  ['cvs', 0],
  ['svn', 1],
  ['git', 2],
  ['hg', 3],
  ['p', 4],
]);

interface Token {
  readonly kind: number;
  /** Digits of a number; minus the count of leading zeros, a letter's code or a suffix's rank otherwise. */
  readonly value: string | number;
}

function parse(text: string): readonly Token[] {
  const tokens = tokenize(text);
  if (!tokens) throw invalidVersion('apk', text);
  return tokens;
}

/** The tokens, closed by one of kind `end`; `undefined` if the text is no version. */
function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let kind = number;
  let at = 0;
  if (text === '') return undefined;
  while (at < text.length) {
    const token = readToken(text, at, kind);
    if (!token) return undefined;
    tokens.push({ kind, value: token.value });
    at = token.next;
    if (at === text.length) break;
    const step = token.zeros ? { kind: number, next: at } : nextKind(text, at, kind);
    if (!step) return undefined;
    kind = step.kind;
    at = step.next;
  }
  tokens.push({ kind: end, value: 0 });
  return tokens;
}

interface Read {
  readonly value: string | number;
  readonly next: number;
  /** Only the leading zeros of a number were read. */
  readonly zeros?: boolean;
}

function readToken(text: string, at: number, kind: number): Read | undefined {
  if (kind === letter) return { value: text.charCodeAt(at), next: at + 1 };
  if (kind === suffix) return readSuffix(text, at);
  if (kind === zeroOrNumber && text[at] === '0') {
    let next = at;
    while (text[next] === '0') next++;
    return { value: at - next, next, zeros: true };
  }
  const next = skipDigits(text, at);
  return { value: text.slice(at, next), next };
}

function readSuffix(text: string, at: number): Read | undefined {
  let next = at;
  while (isLowerAt(text, next) && next - at < 6) next++;
  const value = suffixRanks.get(text.slice(at, next));
  return value === undefined ? undefined : { value, next };
}

function nextKind(
  text: string,
  at: number,
  kind: number,
): { readonly kind: number; readonly next: number } | undefined {
  const isNumber = kind === zeroOrNumber || kind === number;
  if (isNumber && isLowerAt(text, at)) return { kind: letter, next: at };
  if (kind === letter && isDigitAt(text, at)) return { kind: number, next: at };
  if (kind === suffix && isDigitAt(text, at)) return { kind: suffixNumber, next: at };
  if (isNumber && text[at] === '.') return { kind: zeroOrNumber, next: at + 1 };
  if (kind <= suffixNumber && text[at] === '_') return { kind: suffix, next: at + 1 };
  // Real advisories have `2.7.16-33`: whatever stands where the `r` should is skipped, as the tools do.
  if (text[at] === '-' && at + 1 < text.length) return { kind: revision, next: at + 1 + sizeAt(text, at + 1) };
  return undefined;
}

/** Code units of the character at this place. */
function sizeAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}

function compareTokens(a: readonly Token[], b: readonly Token[]): number {
  for (let i = 0; ; i++) {
    const left = a[i];
    const right = b[i];
    if (!left || !right) return 0;
    if (left.kind !== right.kind) {
      if (isPreRelease(left)) return -1;
      return isPreRelease(right) ? 1 : right.kind - left.kind;
    }
    const order = compareValues(left.value, right.value);
    if (order !== 0) return order;
  }
}

function isPreRelease(token: Token): boolean {
  return token.kind === suffix && typeof token.value === 'number' && token.value < 0;
}

function compareValues(a: string | number, b: string | number): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : compareDigits(a, b);
}

function isLowerAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 97 && code <= 122;
}
