import { limits } from '../core/index.js';
import { parseJson, type JsonValue } from './json.js';
import { parseJsonNodes } from './yaml-json.js';
import { parseYamlNodes, YamlProblem, type ParsedYaml, type YamlBounds, type YamlNode } from './yaml-nodes.js';
import { countLines, isBlankYaml, YamlSplitter, type RawYaml } from './yaml-split.js';
import { composeYaml, isMergeKey, keyText, type RepeatedKey } from './yaml-value.js';

/** Keys and list indexes from a document's root to a value. */
export type YamlPath = readonly (string | number)[];

/** Where a value is written. Offsets count UTF-16 units from the document's first character. */
export interface YamlPlace {
  /** Of its key, or of the value where it has none; in the whole input, from 1. */
  readonly line: number;
  readonly column: number;
  /** The value's first character, and behind its last one; the same for a value that is not written out. */
  readonly start: number;
  readonly end: number;
  /** Where its key begins, if it is a member of a mapping. */
  readonly keyStart: number | undefined;
  /** It stands behind an alias or a merge key: other paths may lead to the same text. */
  readonly shared: boolean;
  readonly node: YamlNode;
}

/** One document of a stream, read. */
export interface YamlDocument {
  readonly kind: 'document';
  readonly value: JsonValue;
  /** As it stands in the input: from its `---`, if there is one, to the next marker; comments included. */
  readonly text: string;
  /** UTF-16 units of the input before it. */
  readonly offset: number;
  /** Of its first character, in the whole input, from 1. */
  readonly line: number;
  /** The whole input was one JSON text. */
  readonly isJson: boolean;
  /** Keys that stand more than once in one mapping: the last counts. */
  repeatedKeys(): readonly RepeatedKey[];
  /** Where a value is written, or `undefined` if there is none. The text is looked at only when this is asked. */
  locate(path: YamlPath): YamlPlace | undefined;
  /** The same for the longest beginning of the path that leads somewhere; `found` is its length. */
  locateNearest(path: YamlPath): { readonly place: YamlPlace; readonly found: number };
  /** The tree as it is written, for edits. */
  tree(): YamlNode;
  /** Line and column, in the whole input, of an offset into `text`. */
  position(offset: number): { readonly line: number; readonly column: number };
}

/** A document that cannot be read; those beside it can. */
export interface BrokenYaml {
  readonly kind: 'broken';
  readonly text: string;
  readonly offset: number;
  /** Of its first character. */
  readonly firstLine: number;
  /** Where it breaks, in the whole input. */
  readonly line: number;
  readonly column: number;
  /** One clause. */
  readonly reason: string;
  /** A bound was passed (bytes, depth, values): the text itself may be right. */
  readonly pastBound: boolean;
}

/** Comments and blank lines only, or a value of nothing (`null`). */
export interface EmptyYaml {
  readonly kind: 'empty';
  readonly text: string;
  readonly offset: number;
  readonly line: number;
}

export type YamlPart = YamlDocument | BrokenYaml | EmptyYaml;

export interface YamlStreamOptions {
  /** Characters of one document; default 64 Mi. */
  readonly maxDocumentLength?: number | undefined;
  /** Documents of one stream; default one million. */
  readonly maxDocuments?: number | undefined;
}

const bounds: YamlBounds = { maxDepth: limits.documentDepth, maxNodes: 5_000_000 };
const defaultMaxLength = 64 * 1024 * 1024;

/** Every document of an input that is there as a whole; see `YamlReader`. */
export function* readYamlStream(text: string, options: YamlStreamOptions = {}): Iterable<YamlPart> {
  const reader = new YamlReader(options);
  yield* reader.push(text);
  yield* reader.finish();
}

/**
 * Reads a stream of YAML documents piece by piece, in Kubernetes' way: YAML 1.1's words and numbers, dates as text, repeated
 * keys allowed, merge keys, aliases with bounds. An input that is one JSON text is one document, and JSON texts one after
 * the other are one document each. A document that cannot be read is reported, the others are not touched by it.
 */
export class YamlReader {
  readonly #splitter: YamlSplitter;
  readonly #maxDocuments: number;
  #count = 0;
  #isFirst = true;

  constructor(options: YamlStreamOptions = {}) {
    this.#splitter = new YamlSplitter(options.maxDocumentLength ?? defaultMaxLength);
    this.#maxDocuments = options.maxDocuments ?? 1_000_000;
  }

  /** The documents that are complete with this piece. */
  *push(piece: string): Iterable<YamlPart> {
    for (const raw of this.#splitter.push(piece)) {
      this.#isFirst = false;
      yield* this.#read(raw, false);
    }
  }

  /** The documents that the end of the input completes. */
  *finish(): Iterable<YamlPart> {
    const raws = [...this.#splitter.finish()];
    const isWhole = this.#isFirst && raws.length === 1;
    for (const raw of raws) yield* this.#read(raw, isWhole);
  }

  *#read(raw: RawYaml, isWhole: boolean): Iterable<YamlPart> {
    if (raw.text === '' || this.#count > this.#maxDocuments) return;
    if (++this.#count > this.#maxDocuments) {
      yield broken(raw, new YamlProblem(`more than ${this.#maxDocuments} documents`, 0, true));
      return;
    }
    const { part, rest } = readDocument(raw, { isWhole });
    yield part;
    for (const next of rest ?? []) yield readDocument(next, { isWhole: false, isLast: true }).part;
  }
}

/**
 * One document, whatever follows it in the text: what readers do that take only the first of several.
 * An empty text gives an empty document.
 */
export function readFirstYaml(text: string, line = 1): YamlPart {
  return readDocument(
    { text, offset: 0, line, tooLong: text.length > defaultMaxLength },
    { isWhole: true, firstOnly: true },
  ).part;
}

interface ReadDocument {
  readonly part: YamlPart;
  /** What follows it without a marker between: JSON texts one after the other. */
  readonly rest?: Iterable<RawYaml>;
}

interface HowToRead {
  /** The text is the whole input, so that it may be one JSON text. */
  readonly isWhole: boolean;
  /** What follows the first document is not looked at. */
  readonly firstOnly?: boolean;
  /** Nothing may follow the first document. */
  readonly isLast?: boolean;
}

function readDocument(raw: RawYaml, how: HowToRead): ReadDocument {
  if (raw.tooLong) return { part: broken(raw, new YamlProblem('the document is too long', 0, true)) };
  if (isBlankYaml(raw.text)) return { part: empty(raw) };
  const json = how.isWhole ? wholeJson(raw.text) : undefined;
  if (json !== undefined) return { part: new ReadYaml(raw, { value: json, isJson: true }) };
  try {
    const parsed = parseYamlNodes(raw.text, bounds);
    if (parsed.rest && !how.firstOnly) {
      if (how.isLast || !jsonFollows(raw.text, parsed)) throw parsed.rest;
      const [first, ...rest] = jsonTexts(raw, parsed.rest.at);
      if (first) return { part: documentOf(first, parsed.root), rest };
    }
    return { part: documentOf(raw, parsed.root) };
  } catch (error) {
    return { part: broken(raw, asProblem(error)) };
  }
}

function documentOf(raw: RawYaml, root: YamlNode): YamlPart {
  const { value, repeatedKeys } = composeYaml(raw.text, root);
  return value === null ? empty(raw) : new ReadYaml(raw, { value, repeatedKeys, root, isJson: false });
}

/** The whole input as JSON; `undefined` if it is none. */
function wholeJson(text: string): JsonValue | undefined {
  const first = /[^\s\ufeff]/.exec(text)?.[0];
  if (first !== '{' && first !== '[' && first !== '"') return undefined;
  try {
    return parseJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, { maxBytes: defaultMaxLength });
  } catch {
    // Not JSON: then it is read as YAML, whose problems are reported.
    return undefined;
  }
}

/** Behind a document in brackets another one in brackets may follow. */
function jsonFollows(text: string, { root, rest }: ParsedYaml): boolean {
  const code = rest && text.charCodeAt(rest.at);
  return (root.kind === 'sequence' || root.kind === 'mapping') && root.inFlow && (code === 123 || code === 91);
}

/** The texts in brackets that follow each other, the first of which ends before `second`. */
function jsonTexts(raw: RawYaml, second: number): RawYaml[] {
  const { text } = raw;
  const texts: RawYaml[] = [];
  let { line } = raw;
  const add = (from: number, to: number): void => {
    const piece = text.slice(from, to);
    texts.push({ text: piece, offset: raw.offset + from, line, tooLong: false });
    line += countLines(piece);
  };
  add(0, second);
  let from = second;
  let depth = 0;
  let closed = false;
  let inString = false;
  for (let at = second; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      if (closed) {
        add(from, at);
        from = at;
        closed = false;
      }
      depth++;
    } else if ((code === 125 || code === 93) && --depth <= 0) closed = true;
  }
  add(from, text.length);
  return texts;
}

function asProblem(error: unknown): YamlProblem {
  if (error instanceof YamlProblem) return error;
  throw error;
}

function broken(raw: RawYaml, problem: YamlProblem): BrokenYaml {
  const { text, offset } = raw;
  const { reason, pastBound } = problem;
  return { kind: 'broken', text, offset, firstLine: raw.line, ...placeOf(raw, problem.at), reason, pastBound };
}

function empty({ text, offset, line }: RawYaml): EmptyYaml {
  return { kind: 'empty', text, offset, line };
}

interface ReadYamlFacts {
  readonly value: JsonValue;
  readonly isJson: boolean;
  readonly repeatedKeys?: readonly RepeatedKey[];
  readonly root?: YamlNode;
}

class ReadYaml implements YamlDocument {
  readonly kind = 'document';
  readonly value: JsonValue;
  readonly text: string;
  readonly offset: number;
  readonly line: number;
  readonly isJson: boolean;
  #repeatedKeys: readonly RepeatedKey[] | undefined;
  #root: YamlNode | undefined;
  #lineStarts: readonly number[] | undefined;

  constructor({ text, offset, line }: RawYaml, facts: ReadYamlFacts) {
    this.value = facts.value;
    this.text = text;
    this.offset = offset;
    this.line = line;
    this.isJson = facts.isJson;
    this.#repeatedKeys = facts.repeatedKeys;
    this.#root = facts.root;
  }

  repeatedKeys(): readonly RepeatedKey[] {
    this.#repeatedKeys ??= composeYaml(this.text, this.tree()).repeatedKeys;
    return this.#repeatedKeys;
  }

  tree(): YamlNode {
    this.#root ??= this.isJson ? parseJsonNodes(this.text) : parseYamlNodes(this.text, bounds).root;
    return this.#root;
  }

  locate(path: YamlPath): YamlPlace | undefined {
    const { place, found } = this.locateNearest(path);
    return found === path.length ? place : undefined;
  }

  locateNearest(path: YamlPath): { readonly place: YamlPlace; readonly found: number } {
    let here: Found = { node: this.tree(), key: undefined, shared: false };
    let found = 0;
    for (const step of path) {
      const next = stepInto(this.text, here, step);
      if (!next) break;
      here = next;
      found++;
    }
    return { place: this.#place(here), found };
  }

  position(offset: number): { readonly line: number; readonly column: number } {
    this.#lineStarts ??= lineStartsOf(this.text);
    const at = lastAtMost(this.#lineStarts, offset);
    return { line: this.line + at, column: offset - (this.#lineStarts[at] ?? 0) + 1 };
  }

  #place({ node, key, shared }: Found): YamlPlace {
    const { start, end } = node;
    const { line, column } = this.position(key?.start ?? start);
    return { line, column, start, end, keyStart: key?.start, shared, node };
  }
}

interface Found {
  readonly node: YamlNode;
  readonly key: YamlNode | undefined;
  readonly shared: boolean;
}

function stepInto(text: string, from: Found, step: string | number): Found | undefined {
  const { node } = from;
  const shared = from.shared || node.kind === 'alias';
  const content = node.kind === 'alias' ? node.target : node;
  if (content.kind === 'sequence') {
    const item = typeof step === 'number' ? content.items[step] : undefined;
    return item && { node: item, key: undefined, shared };
  }
  return content.kind === 'mapping' ? member(text, content, String(step), shared) : undefined;
}

/** The pair that counts: the last one of the name, or what a later merge brings. */
function member(text: string, mapping: YamlNode, name: string, shared: boolean): Found | undefined {
  if (mapping.kind === 'alias') return member(text, mapping.target, name, true);
  if (mapping.kind !== 'mapping') return undefined;
  for (let at = mapping.keys.length - 1; at >= 0; at--) {
    const key = mapping.keys[at];
    const value = mapping.values[at];
    if (!key || !value) continue;
    if (isMergeKey(text, key)) {
      const source = value.kind === 'alias' ? value.target : value;
      for (const part of source.kind === 'sequence' ? source.items : [source]) {
        const merged = member(text, part, name, true);
        if (merged) return merged;
      }
    } else if (keyText(text, key) === name) return { node: value, key, shared };
  }
  return undefined;
}

function placeOf(raw: RawYaml, offset: number): { readonly line: number; readonly column: number } {
  const starts = lineStartsOf(raw.text);
  const at = lastAtMost(starts, offset);
  return { line: raw.line + at, column: offset - (starts[at] ?? 0) + 1 };
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  return starts;
}

/** The index of the last number that is not above the limit, in ascending numbers of which the first is 0. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
