/** A piece of an input of JSON: a text of its own, or an element of the list that one text is. */
export interface JsonPiece {
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Of an element: what stood around the list so far, in which the kind of its elements may be named. */
  readonly around: string | undefined;
  /** It has more characters than are kept, or ends before it is whole: one clause. Its text is not to be read then. */
  readonly broken: string | undefined;
}

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const comma = 0x2c;
const colon = 0x3a;
const brokenOff = 'it breaks off before it is whole';

/** Characters around a list that are kept: kind and version stand in the first few. */
const maxAround = 64 * 1024;

/**
 * Cuts JSON texts that follow one another, as lines or written over many lines, into pieces that are small: the elements
 * of a list (`{"kind": "List", "items": [...]}`, `[...]`) are pieces of their own, so that no more than one of them is kept
 * at a time; what stands around them follows as a piece with an empty list. A text that breaks off ends where the next line
 * begins with a bracket, and the others are not touched by it.
 */
export class JsonCutter {
  readonly #maxLength: number;
  #line = 1;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #atLineStart = true;
  /** Skipping to a line that begins with a bracket. */
  #isLost = false;
  /** The text that is read, without the elements of its list. */
  #whole: Kept;
  #element: Kept | undefined;
  /** Depth at which elements of the list stand; 0: there is none yet, -1: it is over. */
  #listDepth = 0;
  #isOddList = false;
  /** At depth 1: the last string that may be a key, and whether a colon followed it. */
  #key = '';
  #readsKey = false;
  #hasColon = false;
  /** What is read now, and from where in it something is still to be kept. */
  #piece = '';
  #from = 0;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
    this.#whole = new Kept(maxLength, 1);
  }

  *push(piece: string): Iterable<JsonPiece> {
    this.#piece = piece;
    this.#from = 0;
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      const startsLine = this.#atLineStart;
      this.#atLineStart = code === newline;
      if (startsLine && isOpening(code) && !this.#isInGap && (this.#depth > 0 || this.#isLost)) {
        if (this.#depth > 0) yield this.#breakOff(brokenOff);
        this.#isLost = false;
      }
      let found: JsonPiece | undefined;
      if (this.#isLost) found = undefined;
      else if (this.#inString) found = this.#stringCharacter(code, at);
      else if (this.#depth === 0) found = this.#outside(code, at);
      else found = this.#inside(code, at);
      if (found) yield found;
      if (code === newline) this.#line++;
    }
    this.#keepTo(piece.length);
    this.#piece = '';
  }

  /** What the end of the input leaves. */
  *finish(): Iterable<JsonPiece> {
    if (this.#depth > 0) yield this.#breakOff(brokenOff);
  }

  /** Between the elements of the list. */
  get #isInGap(): boolean {
    return this.#depth > 0 && this.#depth === this.#listDepth && !this.#element;
  }

  #stringCharacter(code: number, at: number): JsonPiece | undefined {
    if (code === newline) {
      this.#isLost = true;
      return this.#breakOff(brokenOff);
    }
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === backslash) this.#isEscaped = true;
    else if (code === quote) {
      this.#inString = false;
      this.#readsKey = false;
    }
    if (this.#readsKey && this.#key.length < 16) this.#key += this.#piece[at] ?? '';
    return undefined;
  }

  #outside(code: number, at: number): JsonPiece | undefined {
    if (isOpening(code)) {
      this.#whole = new Kept(this.#maxLength, this.#line);
      this.#listDepth = code === 0x5b ? 1 : 0;
      this.#isOddList = false;
      this.#key = '';
      this.#hasColon = false;
      this.#depth = 1;
      this.#from = at;
      return undefined;
    }
    if (isBlank(code) || code === comma) return undefined;
    this.#isLost = true;
    return { text: '', line: this.#line, around: undefined, broken: 'it is no object in JSON' };
  }

  #inside(code: number, at: number): JsonPiece | undefined {
    if (isOpening(code)) {
      this.#open(code, at);
      return undefined;
    }
    if (code === 0x7d || code === 0x5d) return this.#close(at);
    const isOdd = this.#isInGap && !isBlank(code) && code !== comma && !this.#isOddList;
    if (isOdd) this.#isOddList = true;
    if (code === quote) {
      this.#inString = true;
      if (this.#depth === 1 && !this.#hasColon) {
        this.#key = '';
        this.#readsKey = true;
      }
    } else if (this.#depth === 1) {
      if (code === colon) this.#hasColon = true;
      else if (code === comma) this.#hasColon = false;
    }
    return isOdd
      ? { text: '', line: this.#line, around: undefined, broken: 'an element of the list is no object' }
      : undefined;
  }

  #open(code: number, at: number): void {
    if (this.#isInGap) {
      this.#from = at;
      this.#element = new Kept(this.#maxLength, this.#line);
    } else if (this.#depth === 1 && this.#listDepth === 0 && code === 0x5b && this.#hasColon && this.#key === 'items') {
      this.#keepTo(at + 1);
      this.#listDepth = 2;
    }
    this.#depth++;
  }

  #close(at: number): JsonPiece | undefined {
    if (this.#isInGap) {
      this.#from = at;
      // A second list of the name is not looked for.
      if (this.#depth > 1) this.#listDepth = -1;
    }
    this.#depth--;
    if (this.#element && this.#depth === this.#listDepth) {
      const element = this.#element;
      this.#keepTo(at + 1);
      this.#element = undefined;
      return element.piece(this.#whole.head);
    }
    if (this.#depth > 0) return undefined;
    const isArray = this.#listDepth === 1;
    this.#keepTo(at + 1);
    this.#listDepth = 0;
    return isArray ? undefined : this.#whole.piece(undefined);
  }

  #keepTo(end: number): void {
    const isNoise = this.#isLost || this.#isInGap;
    if (!isNoise && this.#from < end) (this.#element ?? this.#whole).add(this.#piece.slice(this.#from, end));
    this.#from = end;
  }

  #breakOff(broken: string): JsonPiece {
    const { line } = this.#element ?? this.#whole;
    this.#element = undefined;
    this.#depth = 0;
    this.#inString = false;
    this.#isEscaped = false;
    this.#readsKey = false;
    this.#listDepth = 0;
    return { text: '', line, around: undefined, broken };
  }
}

function isOpening(code: number): boolean {
  return code === 0x7b || code === 0x5b;
}

function isBlank(code: number): boolean {
  return code <= 0x20 || code === 0xfeff;
}

/** Text up to a bound. */
class Kept {
  readonly line: number;
  readonly #maxLength: number;
  #parts: string[] = [];
  #length = 0;
  head = '';

  constructor(maxLength: number, line: number) {
    this.#maxLength = maxLength;
    this.line = line;
  }

  add(text: string): void {
    this.#length += text.length;
    if (this.head.length < maxAround) this.head += text.slice(0, maxAround);
    if (this.#length > this.#maxLength) this.#parts = [];
    else this.#parts.push(text);
  }

  piece(around: string | undefined): JsonPiece {
    const isTooLong = this.#length > this.#maxLength;
    const broken = isTooLong ? `it has more than ${this.#maxLength} characters` : undefined;
    return { text: isTooLong ? '' : this.#parts.join(''), line: this.line, around, broken };
  }
}
