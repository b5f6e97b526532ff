import { parseJson } from '../formats/index.js';
import { decodeUtf8, encodeUtf8 } from './byte-text.js';

/** A JSON value whose objects keep their members in order, repeated names too. Numbers keep only that they are some. */
export type OrderedJson =
  | { readonly type: 'null' | 'boolean' | 'number' }
  | { readonly type: 'array' }
  | { readonly type: 'string'; readonly text: string }
  | { readonly type: 'object'; readonly members: readonly JsonMember[] };

/** A member of an object; its name may stand there again. */
export interface JsonMember {
  readonly name: string;
  readonly value: OrderedJson;
}

/**
 * Reads JSON for readers to whom the order of members matters, such as Go's, where the last of several spellings of a
 * name wins. What arrays hold is left out.
 * @throws FormatError as `parseJson`
 */
export function parseOrderedJson(text: string, maxBytes: number): OrderedJson {
  // Proves that the text is well formed and not too deep; below, every token is where it must be.
  parseJson(text, { maxBytes });
  return readValue({ text, at: 0 });
}

interface Cursor {
  readonly text: string;
  at: number;
}

function readValue(cursor: Cursor): OrderedJson {
  skipBlanks(cursor);
  const first = cursor.text.charAt(cursor.at);
  if (first === '"') return { type: 'string', text: readString(cursor) };
  if (first === '{') return { type: 'object', members: readMembers(cursor) };
  if (first === '[') return readArray(cursor);
  const start = cursor.at;
  while (cursor.at < cursor.text.length && !',]} \t\r\n'.includes(cursor.text.charAt(cursor.at))) cursor.at++;
  const word = cursor.text.slice(start, cursor.at);
  return { type: word === 'null' ? 'null' : word === 'true' || word === 'false' ? 'boolean' : 'number' };
}

function readMembers(cursor: Cursor): readonly JsonMember[] {
  const members: JsonMember[] = [];
  cursor.at++;
  while (!ends(cursor, '}')) {
    const name = readString(cursor);
    skipBlanks(cursor);
    cursor.at++;
    members.push({ name, value: readValue(cursor) });
  }
  return members;
}

function readArray(cursor: Cursor): OrderedJson {
  cursor.at++;
  while (!ends(cursor, ']')) readValue(cursor);
  return { type: 'array' };
}

/** Goes on to the next member or item; past the end of the list there is none. */
function ends(cursor: Cursor, close: string): boolean {
  skipBlanks(cursor);
  if (cursor.text.charAt(cursor.at) === ',') cursor.at++;
  skipBlanks(cursor);
  if (cursor.text.charAt(cursor.at) !== close) return cursor.at >= cursor.text.length;
  cursor.at++;
  return true;
}

function readString(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at++;
  while (cursor.at < cursor.text.length) {
    const character = cursor.text.charAt(cursor.at++);
    if (character === '\\') cursor.at++;
    else if (character === '"') break;
  }
  const value: unknown = JSON.parse(cursor.text.slice(start, cursor.at));
  // Half of a surrogate pair becomes U+FFFD, as in UTF-8.
  return typeof value === 'string' ? decodeUtf8(encodeUtf8(value)) : '';
}

function skipBlanks(cursor: Cursor): void {
  while (cursor.at < cursor.text.length && ' \t\r\n'.includes(cursor.text.charAt(cursor.at))) cursor.at++;
}
