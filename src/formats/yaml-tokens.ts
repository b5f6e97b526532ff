/**
 * What a document is cut into. `nothing` holds the place before something that may turn out to be a key: it becomes
 * `mappingStart` or `key` when the colon is met.
 */
export const token = {
  nothing: 0,
  end: 1,
  broken: 2,
  sequenceStart: 3,
  mappingStart: 4,
  blockEnd: 5,
  flowSequenceStart: 6,
  flowSequenceEnd: 7,
  flowMappingStart: 8,
  flowMappingEnd: 9,
  entry: 10,
  comma: 11,
  key: 12,
  value: 13,
  alias: 14,
  anchor: 15,
  tag: 16,
  scalar: 17,
} as const;

/** How a scalar is written; the `…Simple` ones are their own text. */
export const style = {
  plainSimple: 0,
  plain: 1,
  singleSimple: 2,
  single: 3,
  doubleSimple: 4,
  double: 5,
  literal: 6,
  folded: 7,
} as const;

/** Columns of one table: kind, first character, character after the last, and for scalars how they are written. */
export interface Tokens {
  readonly kinds: number[];
  readonly starts: number[];
  readonly ends: number[];
  /** `style`, and for block scalars 16 × chomping (0 clip, 1 strip, 2 keep) + 64 × columns of indentation. */
  readonly details: number[];
  /** Set with a last token `broken`: what is wrong at its start. */
  readonly problem: string | undefined;
  /** The problem is a bound, not the text. */
  readonly pastBound: boolean;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** Cuts one document; text in front of its `---` may hold directives and comments. Ends at the next marker. */
export function scanYaml(text: string, maxDepth: number): Tokens {
  const scanner = new Scanner(text, maxDepth);
  scanner.run();
  return scanner;
}

/** Thrown and caught within this file. */
class Stop {
  constructor(
    readonly at: number,
    readonly reason: string,
    readonly pastBound = false,
    /** Tokens from this one on are not to be believed. */
    readonly place?: number,
  ) {}
}

class Scanner implements Tokens {
  readonly kinds: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly details: number[] = [];
  problem: string | undefined;
  pastBound = false;

  /** Ends with a NUL, so that looking one character ahead is always possible. */
  readonly #text: string;
  readonly #length: number;
  readonly #maxDepth: number;
  #at = 0;
  #lineStart = 0;
  #line = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #keyAllowed = true;
  /** Of each flow level: where its possible key's places are (-1: none), its position, line, and whether it must be one. */
  readonly #keyPlace: number[] = [-1];
  readonly #keyAt: number[] = [0];
  readonly #keyLine: number[] = [0];
  readonly #keyColumn: number[] = [0];
  readonly #keyRequired: boolean[] = [false];

  constructor(text: string, maxDepth: number) {
    this.#text = `${text}\0`;
    this.#length = text.length;
    this.#maxDepth = maxDepth;
  }

  run(): void {
    try {
      if (this.#text.charCodeAt(0) === 0xfeff) this.#lineStart = ++this.#at;
      while (this.#next()) {
        // each call adds what stands next
      }
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      this.problem = error.reason;
      this.pastBound = error.pastBound;
      if (error.place !== undefined) this.kinds.length = error.place;
      this.starts.length = this.ends.length = this.details.length = this.kinds.length;
      this.#add(token.broken, error.at, error.at);
    }
  }

  /** Cuts off the next token; false at the end of the document. */
  #next(): boolean {
    this.#skipToToken();
    const column = this.#at - this.#lineStart;
    this.#forgetStaleKey();
    this.#closeBlocks(column);
    const at = this.#at;
    if (at >= this.#length) return this.#finish();
    const code = this.#text.charCodeAt(at);
    if (column === 0) {
      if (code === 37) return this.#skipDirective();
      if ((code === 45 || code === 46) && isMarker(this.#text, at)) return this.#marker(code);
    }
    switch (code) {
      case 91:
        return this.#openFlow(token.flowSequenceStart);
      case 123:
        return this.#openFlow(token.flowMappingStart);
      case 93:
        return this.#closeFlow(token.flowSequenceEnd);
      case 125:
        return this.#closeFlow(token.flowMappingEnd);
      case 44:
        this.#dropKey();
        this.#keyAllowed = true;
        return this.#addOne(token.comma);
      case 45:
        if (isBlankOrEnd(this.#text.charCodeAt(at + 1))) return this.#entry(column);
        return this.#plain();
      case 63:
        if (this.#flowLevel > 0 || isBlankOrEnd(this.#text.charCodeAt(at + 1))) return this.#explicitKey(column);
        return this.#plain();
      case 58:
        if (this.#flowLevel > 0 || isBlankOrEnd(this.#text.charCodeAt(at + 1))) return this.#value(column);
        return this.#plain();
      case 42:
        return this.#name(token.alias);
      case 38:
        return this.#name(token.anchor);
      case 33:
        return this.#tag();
      case 124:
      case 62:
        if (this.#flowLevel > 0) break;
        return this.#block(code === 124 ? style.literal : style.folded);
      case 39:
        return this.#singleQuoted();
      case 34:
        return this.#doubleQuoted();
      case TAB:
      case 35:
      case 37:
      case 64:
      case 96:
        break;
      default:
        return this.#plain();
    }
    const hint = code === TAB ? 'a tab cannot indent' : `nothing can begin with "${this.#text.charAt(at)}"`;
    throw new Stop(at, hint);
  }

  #skipToToken(): void {
    const text = this.#text;
    for (;;) {
      let code = text.charCodeAt(this.#at);
      while (code === SPACE || (code === TAB && (this.#flowLevel > 0 || !this.#keyAllowed))) {
        code = text.charCodeAt(++this.#at);
      }
      if (code === 35) {
        while (!isBreak(code) && this.#at < this.#length) code = text.charCodeAt(++this.#at);
      }
      if (!isBreak(code)) {
        // Tabs before a line break or a comment mean nothing, wherever they stand.
        if (code !== TAB || !this.#onlyBlanksFollow()) return;
        continue;
      }
      this.#breakLine();
      if (this.#flowLevel === 0) this.#keyAllowed = true;
    }
  }

  /** Is the rest of the line empty? Then it is skipped. */
  #onlyBlanksFollow(): boolean {
    let at = this.#at;
    let code = TAB;
    while (code === SPACE || code === TAB) code = this.#text.charCodeAt(++at);
    if (code !== 35 && !isBreak(code) && at < this.#length) return false;
    this.#at = at;
    return true;
  }

  #breakLine(): void {
    const code = this.#text.charCodeAt(this.#at++);
    if (code === CR && this.#text.charCodeAt(this.#at) === LF) this.#at++;
    this.#lineStart = this.#at;
    this.#line++;
  }

  #finish(): false {
    this.#closeBlocks(-1);
    this.#dropKey();
    this.#add(token.end, this.#at, this.#at);
    return false;
  }

  #skipDirective(): true {
    if (this.kinds.length > 0) throw new Stop(this.#at, 'a directive stands inside a document');
    let code = 0;
    do code = this.#text.charCodeAt(++this.#at);
    while (!isBreak(code) && this.#at < this.#length);
    return true;
  }

  /** The document's own start is passed over; any other marker is its end. */
  #marker(code: number): boolean {
    if (this.#flowLevel > 0) throw new Stop(this.#at, 'the document ends inside brackets');
    if (code === 46 || this.kinds.length > 0) return this.#finish();
    this.#at += 3;
    this.#keyAllowed = false;
    // Two markers in a row: an empty document.
    this.#add(token.nothing, this.#at, this.#at);
    return true;
  }

  #openFlow(kind: number): true {
    this.#saveKey();
    if (this.#flowLevel + this.#indents.length >= this.#maxDepth) this.#tooDeep();
    this.#flowLevel++;
    this.#keyPlace[this.#flowLevel] = -1;
    this.#keyAllowed = true;
    return this.#addOne(kind);
  }

  #closeFlow(kind: number): true {
    this.#dropKey();
    if (this.#flowLevel > 0) this.#flowLevel--;
    this.#keyAllowed = false;
    return this.#addOne(kind);
  }

  #entry(column: number): true {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw new Stop(this.#at, 'a list entry is not allowed here');
      this.#openBlock(column, token.sequenceStart);
    }
    this.#dropKey();
    this.#keyAllowed = true;
    return this.#addOne(token.entry);
  }

  #explicitKey(column: number): true {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw new Stop(this.#at, 'a mapping key is not allowed here');
      this.#openBlock(column, token.mappingStart);
    }
    this.#dropKey();
    this.#keyAllowed = this.#flowLevel === 0;
    return this.#addOne(token.key);
  }

  #value(column: number): true {
    const place = this.#keyPlace[this.#flowLevel] ?? -1;
    if (place >= 0) {
      this.kinds[place + 1] = token.key;
      const keyColumn = this.#keyColumn[this.#flowLevel] ?? 0;
      if (this.#flowLevel === 0 && this.#indent < keyColumn) {
        this.#pushIndent(keyColumn);
        this.kinds[place] = token.mappingStart;
      }
      this.#keyPlace[this.#flowLevel] = -1;
      this.#keyAllowed = false;
      return this.#addOne(token.value);
    }
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw new Stop(this.#at, 'mapping values are not allowed in this context');
      this.#openBlock(column, token.mappingStart);
    }
    this.#keyAllowed = this.#flowLevel === 0;
    return this.#addOne(token.value);
  }

  #name(kind: number): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = ++this.#at;
    while (isWordCode(this.#text.charCodeAt(this.#at))) this.#at++;
    const code = this.#text.charCodeAt(this.#at);
    if (this.#at === start || !(isBlankOrEnd(code) || '?:,]}%@`'.includes(String.fromCharCode(code)))) {
      throw new Stop(
        this.#at,
        `the name of an ${kind === token.alias ? 'alias' : 'anchor'} is letters, digits, - and _`,
      );
    }
    this.#add(kind, start, this.#at);
    return true;
  }

  #tag(): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.#at;
    if (this.#text.charCodeAt(start + 1) === 60) {
      let code = 60;
      while (code !== 62 && !isBlankOrEnd(code)) code = this.#text.charCodeAt(++this.#at);
      if (code !== 62) throw new Stop(start, 'a tag is not closed');
      this.#at++;
    } else {
      let code = 33;
      while (!isBlankOrEnd(code) && !(this.#flowLevel > 0 && isFlowIndicator(code))) {
        code = this.#text.charCodeAt(++this.#at);
      }
    }
    this.#add(token.tag, start, this.#at);
    return true;
  }

  #plain(): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const text = this.#text;
    const inFlow = this.#flowLevel > 0;
    const start = this.#at;
    const indent = this.#indent + 1;
    let end = start;
    let lines = 0;
    for (;;) {
      let code = text.charCodeAt(this.#at);
      if (code === 35 || (this.#at === this.#lineStart && isMarker(text, this.#at))) break;
      const wordStart = this.#at;
      while (!isBlankOrEnd(code)) {
        if (code === 58 && isBlankOrEnd(text.charCodeAt(this.#at + 1))) break;
        if (inFlow && (isFlowIndicator(code) || code === 63)) break;
        code = text.charCodeAt(++this.#at);
      }
      if (this.#at > wordStart) {
        end = this.#at;
        // The scalar goes on over a line break only if there is a word behind it.
        if (lines > 0) this.#keyAllowed = false;
      }
      if (!isBlank(code) && !isBreak(code)) break;
      let broke = false;
      while (isBlank(code) || isBreak(code)) {
        if (isBreak(code)) {
          this.#breakLine();
          broke = true;
          lines++;
        } else {
          if (broke && code === TAB && this.#at - this.#lineStart < indent && !this.#onlyBlanksFollow()) {
            throw new Stop(this.#at, 'a tab cannot indent');
          }
          if (text.charCodeAt(this.#at) === code) this.#at++;
        }
        code = text.charCodeAt(this.#at);
      }
      if (broke) this.#keyAllowed = true;
      if (!inFlow && this.#at - this.#lineStart < indent) break;
    }
    const simple = lines === 0 || !hasBreak(text, start, end);
    this.#add(token.scalar, start, end, simple ? style.plainSimple : style.plain);
    return true;
  }

  #singleQuoted(): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const text = this.#text;
    const start = this.#at++;
    let simple = true;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === 39) {
        if (text.charCodeAt(this.#at + 1) !== 39) break;
        simple = false;
        this.#at += 2;
      } else if (isBreak(code)) {
        simple = false;
        this.#breakInQuotes();
      } else if (this.#at >= this.#length) throw new Stop(start, 'a quoted text is not closed');
      else this.#at++;
    }
    this.#add(token.scalar, start, ++this.#at, simple ? style.singleSimple : style.single);
    return true;
  }

  #doubleQuoted(): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const text = this.#text;
    const start = this.#at++;
    let simple = true;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === 34) break;
      if (code === 92) {
        simple = false;
        this.#at++;
        if (isBreak(text.charCodeAt(this.#at))) this.#breakInQuotes();
        else this.#at = this.#skipEscape(this.#at);
      } else if (isBreak(code)) {
        simple = false;
        this.#breakInQuotes();
      } else if (this.#at >= this.#length) throw new Stop(start, 'a quoted text is not closed');
      else this.#at++;
    }
    this.#add(token.scalar, start, ++this.#at, simple ? style.doubleSimple : style.double);
    return true;
  }

  #skipEscape(at: number): number {
    const digits = escapeDigits(this.#text.charCodeAt(at));
    if (digits < 0) throw new Stop(at - 1, 'a backslash begins no known escape');
    for (let digit = 1; digit <= digits; digit++) {
      if (!isHex(this.#text.charCodeAt(at + digit))) throw new Stop(at - 1, 'an escape lacks hexadecimal digits');
    }
    return at + 1 + digits;
  }

  #breakInQuotes(): void {
    this.#breakLine();
    if (isMarker(this.#text, this.#at)) throw new Stop(this.#at, 'the document ends inside quotes');
  }

  #block(kind: number): true {
    this.#dropKey();
    this.#keyAllowed = true;
    const text = this.#text;
    const start = this.#at++;
    let chomping = 0;
    let increment = 0;
    for (let nth = 0; nth < 2; nth++) {
      const code = text.charCodeAt(this.#at);
      if (chomping === 0 && (code === 45 || code === 43)) chomping = code === 45 ? 1 : 2;
      else if (increment === 0 && code >= 49 && code <= 57) increment = code - 48;
      else break;
      this.#at++;
    }
    let code = text.charCodeAt(this.#at);
    while (isBlank(code)) code = text.charCodeAt(++this.#at);
    if (code === 35) while (!isBreak(code) && this.#at < this.#length) code = text.charCodeAt(++this.#at);
    if (!isBreak(code) && this.#at < this.#length) throw new Stop(this.#at, 'text stands behind | or >');
    if (this.#at < this.#length) this.#breakLine();
    const base = Math.max(this.#indent, 0);
    const indent = increment > 0 ? base + increment : this.#detectIndent();
    this.#skipBlockLines(indent);
    this.#add(token.scalar, start, this.#at, kind + 16 * chomping + 64 * indent);
    return true;
  }

  /** The indentation of a block scalar's first line that holds something, or of its widest empty line. */
  #detectIndent(): number {
    const text = this.#text;
    let widest = 0;
    let at = this.#at;
    for (;;) {
      const lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      widest = Math.max(widest, at - lineStart);
      const code = text.charCodeAt(at);
      if (code === TAB && at - lineStart <= this.#indent) throw new Stop(at, 'a tab cannot indent');
      if (!isBreak(code)) break;
      at += code === CR && text.charCodeAt(at + 1) === LF ? 2 : 1;
    }
    return Math.max(widest, this.#indent + 1, 1);
  }

  /** Goes behind the last line of the scalar; what has less indentation than its lines follows it. */
  #skipBlockLines(indent: number): void {
    const text = this.#text;
    while (this.#at < this.#length) {
      let at = this.#at;
      while (at - this.#at < indent && text.charCodeAt(at) === SPACE) at++;
      const code = text.charCodeAt(at);
      if (at - this.#at < indent && !isBreak(code)) {
        // Spaces before the end of the text, or before less indented text, belong to nobody.
        this.#at = at;
        return;
      }
      this.#at = at;
      while (this.#at < this.#length && !isBreak(text.charCodeAt(this.#at))) this.#at++;
      if (this.#at < this.#length) this.#breakLine();
    }
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    this.#dropKey();
    const level = this.#flowLevel;
    const column = this.#at - this.#lineStart;
    this.#keyPlace[level] = this.kinds.length;
    this.#keyAt[level] = this.#at;
    this.#keyLine[level] = this.#line;
    this.#keyColumn[level] = column;
    this.#keyRequired[level] = level === 0 && this.#indent === column;
    this.#add(token.nothing, this.#at, this.#at);
    this.#add(token.nothing, this.#at, this.#at);
  }

  #dropKey(): void {
    const level = this.#flowLevel;
    if ((this.#keyPlace[level] ?? -1) >= 0 && this.#keyRequired[level]) this.#lacksColon(level);
    this.#keyPlace[level] = -1;
  }

  /** What may be a key ends on its own line. */
  #forgetStaleKey(): void {
    const level = this.#flowLevel;
    if ((this.#keyPlace[level] ?? -1) < 0 || this.#keyLine[level] === this.#line) return;
    if (this.#keyRequired[level]) this.#lacksColon(level);
    this.#keyPlace[level] = -1;
  }

  #lacksColon(level: number): never {
    throw new Stop(this.#keyAt[level] ?? this.#at, "could not find expected ':'", false, this.#keyPlace[level]);
  }

  #openBlock(column: number, kind: number): void {
    if (this.#indent >= column) return;
    this.#pushIndent(column);
    this.#add(kind, this.#at, this.#at);
  }

  #pushIndent(column: number): void {
    if (this.#indents.length >= this.#maxDepth) this.#tooDeep();
    this.#indents.push(this.#indent);
    this.#indent = column;
  }

  #closeBlocks(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#add(token.blockEnd, this.#at, this.#at);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #tooDeep(): never {
    throw new Stop(this.#at, `nested deeper than ${this.#maxDepth} levels`, true);
  }

  #addOne(kind: number): true {
    this.#add(kind, this.#at, ++this.#at);
    return true;
  }

  #add(kind: number, start: number, end: number, detail = 0): void {
    this.kinds.push(kind);
    this.starts.push(start);
    this.ends.push(end);
    this.details.push(detail);
  }
}

/** `---` or `...` and then a blank, a line's end or the text's. */
export function isMarker(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code !== 45 && code !== 46) return false;
  if (text.charCodeAt(at + 1) !== code || text.charCodeAt(at + 2) !== code) return false;
  return at + 3 >= text.length || isBlankOrEnd(text.charCodeAt(at + 3));
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

export function isBreak(code: number): boolean {
  return code === LF || code === CR || code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** Hexadecimal digits that follow a letter of an escape; -1 if it is none. */
export function escapeDigits(code: number): number {
  if (code === 120) return 2;
  if (code === 117) return 4;
  if (code === 85) return 8;
  return '0abt\tnvfre "\'/\\N_LP'.includes(String.fromCharCode(code)) && code !== 0 ? 0 : -1;
}

function isBlankOrEnd(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === 0 || isBreak(code);
}

function isFlowIndicator(code: number): boolean {
  return code === 44 || code === 91 || code === 93 || code === 123 || code === 125;
}

function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 45 ||
    code === 95
  );
}

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

function hasBreak(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isBreak(text.charCodeAt(at))) return true;
  return false;
}
