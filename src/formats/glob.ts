import { FormatError } from '../core/index.js';

/** A compiled pattern: does it match the whole path? */
export type GlobMatcher = (path: string) => boolean;

const maxPatternLength = 4096;
const maxBraceDepth = 32;

/**
 * Compiles a path pattern. `*` and `?` stay within a segment, `**` as a whole segment spans any number of them (none
 * too: `a/**` matches `a`), `[a-z]` and `[!a-z]` or `[^a-z]` are one character, `{a,b}` alternatives (they
 * nest), `\` takes the next character as it stands. Case counts, and the whole path must match. Anywhere but as a whole
 * segment `**` is `*`.
 *
 * The time of a match grows at most with the product of both lengths, whatever the pattern.
 * @throws FormatError `INVALID` for a bracket, brace or backslash that is left open, `LIMIT_EXCEEDED` for a pattern past 4096 characters.
 */
export function compileGlob(pattern: string): GlobMatcher {
  if (pattern.length > maxPatternLength) {
    throw new FormatError('LIMIT_EXCEEDED', `a path pattern of more than ${maxPatternLength} characters`);
  }
  if (!/[*?[\]{}\\]/.test(pattern)) return (path) => path === pattern;
  const machine = new Machine();
  const start = emit(machine, new Parser(pattern).parse(), {
    next: machine.accept,
    startsSegment: true,
    last: true,
    behindSlash: undefined,
  });
  return (path) => machine.run(start, path);
}

type Token =
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'star' }
  | { readonly kind: 'globstar' }
  | { readonly kind: 'alternatives'; readonly branches: readonly (readonly Token[])[] };

const slash = 47;

class Parser {
  readonly #pattern: string;
  readonly #codes: readonly number[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#codes = Array.from(pattern, (character) => character.codePointAt(0) ?? 0);
  }

  parse(): readonly Token[] {
    const tokens = this.#sequence(0);
    if (this.#at < this.#codes.length) throw this.#invalid('"}" closes nothing');
    return tokens;
  }

  #sequence(depth: number): readonly Token[] {
    const tokens: Token[] = [];
    for (let code = this.#codes[this.#at]; code !== undefined; code = this.#codes[this.#at]) {
      const character = String.fromCodePoint(code);
      if (character === '}' || (character === ',' && depth > 0)) break;
      this.#at++;
      tokens.push(this.#token(character, code, depth));
    }
    return tokens;
  }

  #token(character: string, code: number, depth: number): Token {
    switch (character) {
      case '*':
        return this.#star();
      case '?':
        return { kind: 'any' };
      case '[':
        return this.#class();
      case '{':
        return this.#alternatives(depth + 1);
      case '\\':
        return { kind: 'char', code: this.#take('"\\" at its end') };
      default:
        return { kind: 'char', code };
    }
  }

  #star(): Token {
    if (this.#codes[this.#at] !== 42) return { kind: 'star' };
    this.#at++;
    return { kind: 'globstar' };
  }

  #class(): Token {
    const negated = this.#codes[this.#at] === 33 || this.#codes[this.#at] === 94;
    if (negated) this.#at++;
    const ranges: (readonly [number, number])[] = [];
    if (this.#codes[this.#at] === 93) throw this.#invalid('"[" holds nothing (write "\\]" for a "]")');
    while (this.#codes[this.#at] !== 93) {
      const low = this.#classMember();
      const isRange = this.#codes[this.#at] === 45 && this.#codes[this.#at + 1] !== 93;
      if (isRange) this.#at++;
      ranges.push([low, isRange ? this.#classMember() : low]);
    }
    this.#at++;
    return { kind: 'class', negated, ranges };
  }

  #classMember(): number {
    const code = this.#take('"[" is not closed');
    return code === 92 ? this.#take('"[" is not closed') : code;
  }

  #alternatives(depth: number): Token {
    if (depth > maxBraceDepth) throw new FormatError('LIMIT_EXCEEDED', `braces nested deeper than ${maxBraceDepth}`);
    const branches = [this.#sequence(depth)];
    while (this.#codes[this.#at] === 44) {
      this.#at++;
      branches.push(this.#sequence(depth));
    }
    if (this.#codes[this.#at] !== 125) throw this.#invalid('"{" is not closed');
    this.#at++;
    return { kind: 'alternatives', branches };
  }

  #take(problem: string): number {
    const code = this.#codes[this.#at];
    if (code === undefined) throw this.#invalid(problem);
    this.#at++;
    return code;
  }

  #invalid(problem: string): FormatError {
    const shown = this.#pattern.length > 80 ? `${this.#pattern.slice(0, 77)}...` : this.#pattern;
    return new FormatError('INVALID', `"${shown}" is no path pattern: ${problem}`);
  }
}

/** What surrounds a sequence: only there `**` knows whether it is a whole segment. */
interface Surroundings {
  /** The state that follows. */
  readonly next: number;
  /** A segment starts here. */
  readonly startsSegment: boolean;
  /** The pattern ends after this. */
  readonly last: boolean;
  /** The state behind the slash that follows, if one does. */
  readonly behindSlash: number | undefined;
}

/** Adds the states of a sequence, last token first, and returns the first state. */
function emit(machine: Machine, tokens: readonly Token[], around: Surroundings): number {
  let { next, last, behindSlash } = around;
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i];
    if (!token) continue;
    const startsSegment = i === 0 ? around.startsSegment : isSlash(tokens[i - 1]);
    let slashTo: number | undefined;
    if (token.kind === 'alternatives') {
      const inside = { next, startsSegment, last, behindSlash };
      next = token.branches.map((branch) => emit(machine, branch, inside)).reduce((a, b) => machine.fork(a, b));
    } else if (token.kind === 'globstar' && startsSegment && last) {
      const everything = machine.loop({ kind: 'everything' }, next);
      // The slash in front goes with it: `a/**` matches `a`.
      next = i === 0 ? everything : machine.fork(machine.step({ kind: 'char', code: slash }, everything), next);
      if (i > 0) i--;
      slashTo = i > 0 ? everything : undefined;
    } else if (token.kind === 'globstar' && startsSegment && behindSlash !== undefined) {
      // The slash behind goes with it: `**/b` matches `b`.
      next = machine.fork(machine.loop({ kind: 'everything' }, next), behindSlash);
    } else if (token.kind === 'star' || token.kind === 'globstar') {
      next = machine.loop({ kind: 'any' }, next);
    } else {
      slashTo = isSlash(token) ? next : undefined;
      next = machine.step(token, next);
    }
    last = false;
    behindSlash = slashTo;
  }
  return next;
}

function isSlash(token: Token | undefined): boolean {
  return token?.kind === 'char' && token.code === slash;
}

type Test = Exclude<Token, { readonly kind: 'alternatives' | 'star' | 'globstar' }> | { readonly kind: 'everything' };

type State =
  | { readonly kind: 'accept' }
  /** Goes on to both without reading. */
  | { readonly kind: 'fork'; readonly left: number; readonly right: number }
  /** Reads one character. */
  | { readonly kind: 'step'; readonly test: Test; readonly next: number }
  /** Reads any number of characters. */
  | { readonly kind: 'loop'; readonly test: Test; readonly next: number };

/** A nondeterministic automaton, run by keeping the set of states that it may be in. */
class Machine {
  readonly accept = 0;
  readonly #states: State[] = [{ kind: 'accept' }];
  /** For each state the round in which it was last added. */
  #seen = new Int32Array(0);
  #round = 0;

  fork(left: number, right: number): number {
    return left === right ? left : this.#add({ kind: 'fork', left, right });
  }

  step(test: Test, next: number): number {
    return this.#add({ kind: 'step', test, next });
  }

  loop(test: Test, next: number): number {
    return this.#add({ kind: 'loop', test, next });
  }

  run(start: number, text: string): boolean {
    if (this.#seen.length < this.#states.length) this.#seen = new Int32Array(this.#states.length);
    this.#seen.fill(0);
    this.#round = 1;
    let current: number[] = [];
    this.#enter(start, current);
    for (const character of text) {
      if (current.length === 0) return false;
      const code = character.codePointAt(0) ?? 0;
      const following: number[] = [];
      this.#round++;
      for (const index of current) {
        const state = this.#states[index];
        if (state?.kind === 'step' && passes(state.test, code)) this.#enter(state.next, following);
        else if (state?.kind === 'loop' && passes(state.test, code)) this.#enter(index, following);
      }
      current = following;
    }
    return current.includes(this.accept);
  }

  /** Adds a state and all that it leads to without reading. */
  #enter(start: number, into: number[]): void {
    const waiting = [start];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (this.#seen[index] === this.#round) continue;
      this.#seen[index] = this.#round;
      const state = this.#states[index];
      if (state?.kind === 'fork') waiting.push(state.left, state.right);
      else into.push(index);
      if (state?.kind === 'loop') waiting.push(state.next);
    }
  }

  #add(state: State): number {
    this.#states.push(state);
    return this.#states.length - 1;
  }
}

function passes(test: Test, code: number): boolean {
  switch (test.kind) {
    case 'char':
      return code === test.code;
    case 'any':
      return code !== slash;
    case 'everything':
      return true;
    case 'class':
      return test.ranges.some(([low, high]) => code >= low && code <= high) !== test.negated;
  }
}
