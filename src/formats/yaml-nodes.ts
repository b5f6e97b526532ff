import { scanYaml, token, type Tokens } from './yaml-tokens.js';

/** One node of a document, as it is written: offsets count UTF-16 units from the document's first. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping | YamlAlias;

interface Written {
  /** Where the content begins, behind anchor and tag; of an empty node, where it would stand. */
  readonly start: number;
  /** Behind the last character of the content. */
  end: number;
  /** As written: `!!str`; `undefined` if there is none. */
  readonly tag: string | undefined;
  readonly anchor: string | undefined;
  /** How many nodes it is once aliases are written out, itself included. */
  size: number;
  /** Levels below it, likewise. */
  height: number;
}

export interface YamlScalar extends Written {
  readonly kind: 'scalar';
  /** Of the table of tokens; -1 for an empty node. */
  readonly detail: number;
}

export interface YamlSequence extends Written {
  readonly kind: 'sequence';
  readonly inFlow: boolean;
  readonly items: YamlNode[];
  open: boolean;
}

export interface YamlMapping extends Written {
  readonly kind: 'mapping';
  readonly inFlow: boolean;
  readonly keys: YamlNode[];
  readonly values: YamlNode[];
  open: boolean;
}

export interface YamlAlias extends Written {
  readonly kind: 'alias';
  readonly target: YamlScalar | YamlSequence | YamlMapping;
}

/** What one document's text is. */
export interface ParsedYaml {
  readonly root: YamlNode;
  /** Why, and from where on, the text behind the document does not belong to it. */
  readonly rest: YamlProblem | undefined;
}

export interface YamlBounds {
  readonly maxDepth: number;
  /** Nodes of one document once its aliases are written out. */
  readonly maxNodes: number;
}

/** Why a text is no document, and where. Thrown here, and turned into a result by whoever splits the stream. */
export class YamlProblem extends Error {
  constructor(
    readonly reason: string,
    /** Offset within the document's text. */
    readonly at: number,
    readonly pastBound = false,
  ) {
    super(reason);
  }
}

/**
 * The first document of a text as a tree. Reads what Kubernetes' own reader does (YAML 1.1 in the way of libyaml: closing
 * brackets may stand in any column), in one pass and in time linear in the text.
 * @throws YamlProblem
 */
export function parseYamlNodes(text: string, bounds: YamlBounds): ParsedYaml {
  const bad = controlCharacter.exec(text);
  if (bad) throw new YamlProblem('control characters are not allowed', bad.index);
  const parser = new Parser(text, scanYaml(text, bounds.maxDepth), bounds);
  return parser.document();
}

// oxlint-disable-next-line no-control-regex
const controlCharacter = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]/;

type Opened = YamlScalar | YamlSequence | YamlMapping;

class Parser {
  readonly #tokens: Tokens;
  readonly #bounds: YamlBounds;
  readonly #text: string;
  readonly #anchors = new Map<string, Opened>();
  #at = 0;
  /** Behind the token that was taken last. */
  #end = 0;

  constructor(text: string, tokens: Tokens, bounds: YamlBounds) {
    this.#text = text;
    this.#tokens = tokens;
    this.#bounds = bounds;
  }

  document(): ParsedYaml {
    const kind = this.#peek();
    const root = kind === token.end ? this.#empty() : this.#node(true, false);
    if (root.height > this.#bounds.maxDepth) throw this.#tooMuch(`nested deeper than ${this.#bounds.maxDepth} levels`);
    if (root.size > this.#bounds.maxNodes) throw this.#tooMuch(`more than ${this.#bounds.maxNodes} values`);
    return {
      root,
      rest: this.#peek() === token.end ? undefined : this.#problem('the document goes on behind its end'),
    };
  }

  #tooMuch(reason: string): YamlProblem {
    return new YamlProblem(reason, 0, true);
  }

  /** The kind of the next token that is something. */
  #peek(): number {
    const { kinds } = this.#tokens;
    while (kinds[this.#at] === token.nothing) this.#at++;
    return kinds[this.#at] ?? token.end;
  }

  #take(): void {
    this.#end = this.#tokens.ends[this.#at] ?? this.#end;
    this.#at++;
  }

  #fail(reason: string): never {
    throw this.#problem(reason);
  }

  /** What the next token is instead of what was expected. */
  #problem(reason: string): YamlProblem {
    const { kinds, problem, pastBound, starts } = this.#tokens;
    const at = starts[this.#at] ?? this.#text.length;
    return kinds[this.#at] === token.broken
      ? new YamlProblem(problem ?? reason, at, pastBound)
      : new YamlProblem(reason, at);
  }

  #node(inBlock: boolean, mayBeIndentless: boolean): YamlNode {
    const tokens = this.#tokens;
    let kind = this.#peek();
    if (kind === token.alias) return this.#alias();
    let anchor: string | undefined;
    let tag: string | undefined;
    while ((kind === token.anchor && anchor === undefined) || (kind === token.tag && tag === undefined)) {
      const written = this.#text.slice(tokens.starts[this.#at], tokens.ends[this.#at]);
      if (kind === token.anchor) anchor = written;
      else tag = written;
      this.#take();
      kind = this.#peek();
    }
    const start = tokens.starts[this.#at] ?? this.#text.length;
    const common = { start, end: start, tag, anchor, size: 1, height: 0 };
    switch (kind) {
      case token.scalar: {
        const scalar: YamlScalar = {
          kind: 'scalar',
          start,
          end: tokens.ends[this.#at] ?? start,
          tag,
          anchor,
          size: 1,
          height: 0,
          detail: tokens.details[this.#at] ?? 0,
        };
        this.#take();
        if (anchor !== undefined) this.#anchors.set(anchor, scalar);
        return scalar;
      }
      case token.flowSequenceStart:
        return this.#flowSequence(this.#open({ kind: 'sequence', inFlow: true, items: [], open: true, ...common }));
      case token.flowMappingStart:
        return this.#flowMapping(
          this.#open({ kind: 'mapping', inFlow: true, keys: [], values: [], open: true, ...common }),
        );
      case token.sequenceStart:
        if (inBlock) {
          return this.#blockSequence(this.#open({ kind: 'sequence', inFlow: false, items: [], open: true, ...common }));
        }
        break;
      case token.entry:
        if (mayBeIndentless) {
          return this.#indentless(this.#open({ kind: 'sequence', inFlow: false, items: [], open: true, ...common }));
        }
        break;
      case token.mappingStart:
        if (inBlock) {
          return this.#blockMapping(
            this.#open({ kind: 'mapping', inFlow: false, keys: [], values: [], open: true, ...common }),
          );
        }
        break;
      default:
    }
    if (anchor === undefined && tag === undefined) this.#fail('a value is expected here');
    const empty: YamlScalar = { kind: 'scalar', ...common, start: this.#end, end: this.#end, detail: -1 };
    if (anchor !== undefined) this.#anchors.set(anchor, empty);
    return empty;
  }

  #alias(): YamlAlias {
    const { starts, ends } = this.#tokens;
    const from = starts[this.#at] ?? 0;
    const end = ends[this.#at] ?? from;
    const name = this.#text.slice(from, end);
    const target = this.#anchors.get(name);
    if (!target) throw new YamlProblem(`unknown anchor '${clip(name)}' referenced`, from);
    if (target.kind !== 'scalar' && target.open) throw new YamlProblem(`anchor '${clip(name)}' contains itself`, from);
    this.#take();
    const { size, height } = target;
    return { kind: 'alias', start: from - 1, end, tag: undefined, anchor: undefined, size, height, target };
  }

  #open<N extends YamlSequence | YamlMapping>(node: N): N {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    return node;
  }

  #empty(): YamlScalar {
    const at = this.#end;
    return { kind: 'scalar', start: at, end: at, tag: undefined, anchor: undefined, size: 1, height: 0, detail: -1 };
  }

  #blockSequence(node: YamlSequence): YamlSequence {
    this.#take();
    for (;;) {
      const kind = this.#peek();
      if (kind === token.blockEnd) break;
      if (kind !== token.entry) this.#fail("did not find expected '-' indicator");
      this.#take();
      const next = this.#peek();
      addItem(node, next === token.entry || next === token.blockEnd ? this.#empty() : this.#node(true, false));
    }
    node.end = this.#end;
    this.#skipEnd();
    node.open = false;
    return node;
  }

  /** A list at the column of its mapping's keys. */
  #indentless(node: YamlSequence): YamlSequence {
    while (this.#peek() === token.entry) {
      this.#take();
      const next = this.#peek();
      const isEmpty = next === token.entry || next === token.key || next === token.value || next === token.blockEnd;
      addItem(node, isEmpty ? this.#empty() : this.#node(true, false));
    }
    node.end = this.#end;
    node.open = false;
    return node;
  }

  #blockMapping(node: YamlMapping): YamlMapping {
    this.#take();
    for (;;) {
      const kind = this.#peek();
      if (kind === token.blockEnd) break;
      if (kind !== token.key) this.#fail('did not find expected key');
      this.#take();
      const key = this.#endsPair(this.#peek()) ? this.#empty() : this.#node(true, true);
      let value: YamlNode;
      if (this.#peek() === token.value) {
        this.#take();
        value = this.#endsPair(this.#peek()) ? this.#empty() : this.#node(true, true);
      } else value = this.#empty();
      addPair(node, key, value);
    }
    node.end = this.#end;
    this.#skipEnd();
    node.open = false;
    return node;
  }

  #endsPair(kind: number): boolean {
    return kind === token.key || kind === token.value || kind === token.blockEnd;
  }

  /** Where a block ends says only the next text's column: its end is that of its last token. */
  #skipEnd(): void {
    this.#at++;
  }

  #flowSequence(node: YamlSequence): YamlSequence {
    this.#take();
    let first = true;
    for (;;) {
      let kind = this.#peek();
      if (kind === token.flowSequenceEnd) break;
      if (!first) {
        if (kind !== token.comma) this.#fail("did not find expected ',' or ']'");
        this.#take();
        kind = this.#peek();
        if (kind === token.flowSequenceEnd) break;
      }
      first = false;
      addItem(node, kind === token.key ? this.#flowPair() : this.#node(false, false));
    }
    this.#take();
    node.end = this.#end;
    node.open = false;
    return node;
  }

  /** `[a: b]`: a mapping of one pair. */
  #flowPair(): YamlMapping {
    const start = this.#tokens.starts[this.#at] ?? 0;
    const node: YamlMapping = {
      kind: 'mapping',
      inFlow: true,
      keys: [],
      values: [],
      open: false,
      start,
      end: start,
      tag: undefined,
      anchor: undefined,
      size: 1,
      height: 0,
    };
    this.#flowKeyAndValue(node, token.flowSequenceEnd);
    node.end = this.#end;
    return node;
  }

  #flowMapping(node: YamlMapping): YamlMapping {
    this.#take();
    let first = true;
    for (;;) {
      let kind = this.#peek();
      if (kind === token.flowMappingEnd) break;
      if (!first) {
        if (kind !== token.comma) this.#fail("did not find expected ',' or '}'");
        this.#take();
        kind = this.#peek();
        if (kind === token.flowMappingEnd) break;
      }
      first = false;
      if (kind === token.key) this.#flowKeyAndValue(node, token.flowMappingEnd);
      else addPair(node, this.#node(false, false), this.#empty());
    }
    this.#take();
    node.end = this.#end;
    node.open = false;
    return node;
  }

  #flowKeyAndValue(node: YamlMapping, closing: number): void {
    this.#take();
    const kind = this.#peek();
    const lacksKey = kind === token.value || kind === token.comma || kind === closing;
    const key = lacksKey ? this.#empty() : this.#node(false, false);
    let value: YamlNode | undefined;
    if (this.#peek() === token.value) {
      this.#take();
      const next = this.#peek();
      if (next !== token.comma && next !== closing) value = this.#node(false, false);
    }
    addPair(node, key, value ?? this.#empty());
  }
}

function addItem(node: YamlSequence, item: YamlNode): void {
  node.items.push(item);
  node.size += item.size;
  if (item.height >= node.height) node.height = item.height + 1;
}

function addPair(node: YamlMapping, key: YamlNode, value: YamlNode): void {
  node.keys.push(key);
  node.values.push(value);
  node.size += key.size + value.size;
  if (value.height >= node.height) node.height = value.height + 1;
}

function clip(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}...` : name;
}
