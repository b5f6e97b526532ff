import type { YamlNode } from '../../formats/index.js';
import { Unfit } from './edit-tree.js';
import { columnOf, lineEndOf, lineStartOf } from './render.js';

/** A piece of a text that is replaced. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of insertions at one place the highest comes first. */
  readonly order: number;
}

/** The text with every piece replaced; `undefined` if two of them overlap. */
export function spliced(text: string, splices: readonly Splice[]): string | undefined {
  const sorted = [...splices].sort((a, b) => a.start - b.start || a.end - b.end || b.order - a.order);
  const pieces: string[] = [];
  let at = 0;
  for (const splice of sorted) {
    if (splice.start < at) return undefined;
    pieces.push(text.slice(at, splice.start), splice.text);
    at = splice.end;
  }
  return pieces.join('') + text.slice(at);
}

/** Behind the last character of a node that is no blank: block scalars end behind their line breaks. */
export function contentEnd(text: string, node: YamlNode): number {
  let end = node.end;
  while (end > node.start && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Does nothing but blanks stand before it on its line? */
export function startsLine(text: string, offset: number): boolean {
  for (let at = lineStartOf(text, offset); at < offset; at++) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 0xfeff) return false;
  }
  return true;
}

/** Where the line of an offset ends, before its line break. */
export function lineBreakAt(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) at++;
  return at;
}

/** From an offset on past blanks, line breaks and comments. */
export function skipToContent(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 35) at = lineBreakAt(text, at);
    else if (isSpace(code)) at++;
    else return at;
  }
}

/** Behind anchor and tag, if they stand at an offset or behind blanks on the same line. */
export function skipProperties(text: string, offset: number): number {
  let end = offset;
  for (;;) {
    let at = end;
    while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at++;
    const code = text.charCodeAt(at);
    if (code !== 38 && code !== 33) return end;
    while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
    end = at;
  }
}

/**
 * Where lines that end a block of the given column may be put in: behind the line of an offset, and behind comments
 * that follow it and stand further to the right than the block, because they belong to what is above them.
 */
export function behindBlock(text: string, offset: number, column: number): number {
  let at = lineEndOf(text, offset);
  for (;;) {
    let word = at;
    while (text.charCodeAt(word) === 32) word++;
    if (text.charCodeAt(word) !== 35 || columnOf(text, word) <= column) return at;
    at = lineEndOf(text, word);
  }
}

/** The splice that puts whole lines in. */
export function insertLines(text: string, at: number, lines: readonly string[], eol: string, order: number): Splice {
  const endsOpen = at === text.length && at > 0 && !/[\r\n]/.test(text.charAt(at - 1));
  const joined = lines.join(eol);
  return { start: at, end: at, text: endsOpen ? `${eol}${joined}` : `${joined}${eol}`, order };
}

/** An explicit type would hold for the new value too. */
export function tagSplice(text: string, node: YamlNode): readonly Splice[] {
  if (node.tag === undefined) return [];
  const start = text.lastIndexOf(node.tag, node.start - 1);
  if (start < 1) throw new Unfit('the value has a type of its own');
  const blank = text.charCodeAt(start - 1) === 32 ? 1 : 0;
  return [{ start: start - blank, end: start + node.tag.length, text: '', order: 0 }];
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}
