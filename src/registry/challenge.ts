/** One way of proving who we are that a server offers in `WWW-Authenticate`. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** By name in lower case; of names that stand there twice, the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

const mostCharacters = 16 * 1024;
const mostChallenges = 16;
const mostParameters = 32;
const token = /[A-Za-z0-9!#$%&'*+.^_`|~-]/;
const token68 = /[A-Za-z0-9._~+/-]/;

/**
 * The challenges of a `WWW-Authenticate` header (RFC 9110, 11.6.1), several of them joined by commas, in one pass over
 * the text. What makes no sense is left out; so is everything past a bound.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const cursor: Cursor = { text: header.slice(0, mostCharacters), at: 0 };
  const challenges: Challenge[] = [];
  while (cursor.at < cursor.text.length && challenges.length < mostChallenges) {
    skip(cursor, /[\s,]/);
    const scheme = take(cursor, token);
    if (scheme === '') cursor.at++;
    else challenges.push({ scheme: scheme.toLowerCase(), parameters: readParameters(cursor) });
  }
  return challenges;
}

interface Cursor {
  readonly text: string;
  at: number;
}

/** Up to the next challenge: a word that no `=` follows. */
function readParameters(cursor: Cursor): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  skip(cursor, /[ \t]/);
  // Credentials in one word (Negotiate), which nobody here can use.
  if (skipWord(cursor)) return parameters;
  for (;;) {
    const start = cursor.at;
    const name = take(cursor, token).toLowerCase();
    skip(cursor, /[ \t]/);
    if (name === '' || cursor.text.charAt(cursor.at) !== '=') {
      // The next challenge.
      cursor.at = start;
      return parameters;
    }
    cursor.at++;
    skip(cursor, /[ \t]/);
    const value = cursor.text.charAt(cursor.at) === '"' ? readQuoted(cursor) : takeUntil(cursor, /[\s,]/);
    if (parameters.size < mostParameters && !parameters.has(name)) parameters.set(name, value);
    const end = cursor.at;
    skip(cursor, /[\s,]/);
    if (cursor.at === end) return parameters;
  }
}

/** Passes over a word that stands alone up to a comma or the end, if there is one. */
function skipWord(cursor: Cursor): boolean {
  const probe: Cursor = { text: cursor.text, at: cursor.at };
  if (take(probe, token68) === '') return false;
  skip(probe, /=/);
  skip(probe, /[ \t]/);
  if (probe.at < probe.text.length && probe.text.charAt(probe.at) !== ',') return false;
  cursor.at = probe.at;
  return true;
}

function readQuoted(cursor: Cursor): string {
  let value = '';
  cursor.at++;
  while (cursor.at < cursor.text.length) {
    const character = cursor.text.charAt(cursor.at++);
    if (character === '"') return value;
    value += character === '\\' ? cursor.text.charAt(cursor.at++) : character;
  }
  return value;
}

function take(cursor: Cursor, characters: RegExp): string {
  const start = cursor.at;
  skip(cursor, characters);
  return cursor.text.slice(start, cursor.at);
}

function takeUntil(cursor: Cursor, end: RegExp): string {
  const start = cursor.at;
  while (cursor.at < cursor.text.length && !end.test(cursor.text.charAt(cursor.at))) cursor.at++;
  return cursor.text.slice(start, cursor.at);
}

function skip(cursor: Cursor, characters: RegExp): void {
  while (cursor.at < cursor.text.length && characters.test(cursor.text.charAt(cursor.at))) cursor.at++;
}
