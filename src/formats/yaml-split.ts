import { isMarker } from './yaml-tokens.js';

/** The text of one document of a stream: from its `---`, or the stream's start, to the next marker. */
export interface RawYaml {
  readonly text: string;
  /** UTF-16 units before it in the stream. */
  readonly offset: number;
  /** The line of its first character, from 1. */
  readonly line: number;
  /** It was longer than the bound: its text is cut off there and not to be read. */
  readonly tooLong: boolean;
}

/**
 * Cuts a stream that comes in pieces at its document markers: a line that begins with `---` or `...` and then ends, or goes
 * on with a blank. Such a line ends a document wherever it stands, also inside a block scalar. Keeps at most one document
 * and one piece.
 */
export class YamlSplitter {
  readonly #maxLength: number;
  #buffer = '';
  /** In the buffer: where the current document begins, and from where on markers are still to be looked for. */
  #start = 0;
  #searched = 0;
  /** Of the current document. */
  #offset = 0;
  #line = 1;
  #dropped = false;
  #ended = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** The documents that are complete now. */
  *push(piece: string): Iterable<RawYaml> {
    this.#buffer = this.#buffer.slice(this.#start) + piece;
    this.#searched -= this.#start;
    this.#start = 0;
    yield* this.#cut();
    this.#drop();
  }

  /** What is left: always one text, which may be empty. */
  *finish(): Iterable<RawYaml> {
    this.#ended = true;
    yield* this.#cut();
    yield this.#take(this.#buffer.length);
  }

  *#cut(): Iterable<RawYaml> {
    for (let at = this.#nextMarker(); at >= 0; at = this.#nextMarker()) {
      if (this.#buffer.charCodeAt(at) === 45) {
        this.#searched = at + 3;
        // A document's own marker may have directives and comments before it, or nothing.
        if (at > this.#first() && !onlyDirectives(this.#buffer.slice(this.#start, at))) yield this.#take(at);
        continue;
      }
      // The line of `...` still belongs to the document that it ends.
      const end = lineEnd(this.#buffer, at);
      if (end < 0 && !this.#ended) return;
      yield this.#take(end < 0 ? this.#buffer.length : end);
    }
  }

  /** Where the current document's text begins, behind a byte order mark. */
  #first(): number {
    return this.#offset === 0 && this.#buffer.charCodeAt(this.#start) === 0xfeff ? this.#start + 1 : this.#start;
  }

  /** Where the next marker begins, once the character behind it is there; -1 if there is none yet. */
  #nextMarker(): number {
    const buffer = this.#buffer;
    const end = this.#ended ? buffer.length : buffer.length - 4;
    let at = Math.max(this.#searched, this.#first());
    if (at > this.#first() && at < end) {
      // Goes on from the start of a line.
      at = nextLine(buffer, at - 1, end);
    }
    for (; at < end; at = nextLine(buffer, at, end)) if (isMarker(buffer, at)) return at;
    this.#searched = Math.max(this.#searched, Math.min(at, end));
    return -1;
  }

  #take(end: number): RawYaml {
    const text = this.#buffer.slice(this.#start, end);
    const tooLong = this.#dropped || text.length > this.#maxLength;
    const raw = { text, offset: this.#offset, line: this.#line, tooLong };
    this.#pass(text);
    this.#start = end;
    this.#searched = Math.max(this.#searched, end);
    this.#dropped = false;
    return raw;
  }

  /** Forgets a document past the bound, but for its last characters, with which a marker may begin. */
  #drop(): void {
    const end = this.#buffer.length - 8;
    if (end - this.#start <= this.#maxLength) return;
    this.#dropped = true;
    this.#pass(this.#buffer.slice(this.#start, end));
    this.#start = end;
  }

  #pass(text: string): void {
    this.#offset += text.length;
    this.#line += countLines(text);
  }
}

/** Behind the next line break from `at` on, or `end`. */
function nextLine(buffer: string, at: number, end: number): number {
  for (; at < end; at++) {
    const code = buffer.charCodeAt(at);
    if (code === 10) return at + 1;
    if (code === 13) return buffer.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
  }
  return end;
}

/** Line breaks in a text, as editors count them. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text.charCodeAt(at + 1) !== 10) lines++;
  }
  return lines;
}

/** Does a text hold nothing but blank lines and comments, beside its own marker? */
export function isBlankYaml(text: string): boolean {
  return !/^(?!---[ \t]*(?:#|$)|\.\.\.[ \t]*(?:#|$))[ \t\ufeff]*[^\s#\ufeff]/m.test(text);
}

/** Directives stand in front of the `---` of their document. */
function onlyDirectives(text: string): boolean {
  if (!text.includes('%')) return false;
  let found = false;
  for (const line of text.replace('\ufeff', '').split(/\r\n?|\n/)) {
    if (line.startsWith('%')) found = true;
    else if (!/^[ \t]*(?:#|$)/.test(line)) return false;
  }
  return found;
}

/** Behind the line break that ends a line; -1 if it has not come yet. */
function lineEnd(text: string, at: number): number {
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 10) return end + 1;
    if (code === 13) return end + 1 < text.length && text.charCodeAt(end + 1) === 10 ? end + 2 : end + 1;
  }
  return -1;
}
