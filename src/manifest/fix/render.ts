import { asArray, asObject, resolvePlain, type JsonValue, type YamlNode } from '../../formats/index.js';

/** How a document is written, for what is put into it. */
export interface WritingStyle {
  /** The line end of the document. */
  readonly eol: string;
  /** Columns that a mapping in a mapping stands to the right of its key. */
  readonly step: number;
  /** The same for lists, which may stand below their key. */
  readonly listStep: number;
}

/** The habits of a document, from its first lines and first nested values. */
export function writingStyle(text: string, root: YamlNode): WritingStyle {
  const lineEnd = /\r\n?|\n/.exec(text)?.[0] ?? '\n';
  const seen: { step?: number; listStep?: number } = {};
  learn(text, root, seen, 0);
  return { eol: lineEnd, step: seen.step ?? 2, listStep: seen.listStep ?? seen.step ?? 2 };
}

const learnDepth = 12;

function learn(text: string, node: YamlNode, seen: { step?: number; listStep?: number }, depth: number): void {
  if (depth > learnDepth || (seen.step !== undefined && seen.listStep !== undefined)) return;
  if (node.kind === 'sequence') {
    for (const item of node.items.slice(0, 20)) learn(text, item, seen, depth + 1);
  } else if (node.kind === 'mapping' && !node.inFlow) {
    const column = columnOf(text, node.start);
    for (const value of node.values.slice(0, 40)) {
      if ((value.kind === 'mapping' || value.kind === 'sequence') && !value.inFlow) {
        const step = columnOf(text, value.start) - column;
        if (value.kind === 'mapping' && step > 0) seen.step ??= step;
        else if (value.kind === 'sequence' && step >= 0) seen.listStep ??= step;
      }
      learn(text, value, seen, depth + 1);
    }
  }
}

/** Characters between the start of the line and an offset; a byte order mark is none. */
export function columnOf(text: string, offset: number): number {
  const start = lineStartOf(text, offset);
  return offset - start - (start === 0 && text.charCodeAt(0) === 0xfeff ? 1 : 0);
}

/** The offset at which the line of an offset begins. */
export function lineStartOf(text: string, offset: number): number {
  for (let at = offset; at > 0; at--) {
    const code = text.charCodeAt(at - 1);
    if (code === 10 || (code === 13 && text.charCodeAt(at) !== 10)) return at;
  }
  return 0;
}

/** Behind the line break that ends the line of an offset, or the end of the text. */
export function lineEndOf(text: string, offset: number): number {
  for (let at = offset; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) return at + 1;
    if (code === 13) return text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
  }
  return text.length;
}

/** Lines of a member of a block mapping, without line ends. */
export function pairLines(key: string, value: JsonValue, column: number, style: WritingStyle): readonly string[] {
  const head = `${' '.repeat(column)}${scalarText(key, false)}:`;
  const short = inlineText(value);
  return short === undefined ? [head, ...childLines(value, column, style)] : [`${head} ${short}`];
}

/** Lines of a value that stands below its key, which is in the given column. */
export function childLines(value: JsonValue, keyColumn: number, style: WritingStyle): readonly string[] {
  const list = asArray(value);
  if (list) return list.flatMap((item) => itemLines(item, keyColumn + style.listStep, style));
  return Object.entries(asObject(value) ?? {}).flatMap(([key, member]) =>
    pairLines(key, member, keyColumn + style.step, style),
  );
}

/** Lines of an item of a block list, without line ends. */
export function itemLines(item: JsonValue, column: number, style: WritingStyle): readonly string[] {
  const pad = ' '.repeat(column);
  const short = inlineText(item);
  if (short !== undefined) return [`${pad}- ${short}`];
  const list = asArray(item);
  const inner = list
    ? list.flatMap((one) => itemLines(one, column + 2, style))
    : Object.entries(asObject(item) ?? {}).flatMap(([key, member]) => pairLines(key, member, column + 2, style));
  return inner.map((line, at) => (at === 0 ? `${pad}- ${line.slice(column + 2)}` : line));
}

/** What stands on the line of its key; `undefined` for mappings and lists that hold something. */
export function inlineText(value: JsonValue): string | undefined {
  if (typeof value !== 'object' || value === null) return scalarText(value, false);
  const list = asArray(value);
  if (list) return list.length === 0 ? '[]' : undefined;
  return Object.keys(value).length === 0 ? '{}' : undefined;
}

/** How values in brackets are written. */
export interface FlowStyle {
  /** Texts and keys in double quotes, as JSON asks. */
  readonly isJson: boolean;
  readonly afterColon: string;
  readonly afterComma: string;
}

/** A value in brackets, on one line. */
export function flowText(value: JsonValue, style: FlowStyle): string {
  const list = asArray(value);
  if (list) return `[${list.map((item) => flowText(item, style)).join(`,${style.afterComma}`)}]`;
  const object = asObject(value);
  if (!object) return style.isJson && typeof value === 'string' ? doubleQuoted(value) : scalarText(value, true);
  return `{${Object.entries(object)
    .map(([key, member]) => flowPair(key, member, style))
    .join(`,${style.afterComma}`)}}`;
}

/** A member of a mapping in brackets. */
export function flowPair(key: string, value: JsonValue, style: FlowStyle): string {
  const name = style.isJson ? doubleQuoted(key) : scalarText(key, true);
  return `${name}:${style.afterColon}${flowText(value, style)}`;
}

/** A scalar as it may be written anywhere; texts are quoted only where they must be. */
export function scalarText(value: JsonValue, inFlow: boolean): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = (inFlow ? plainInFlow : plain).test(value) && value.length < 200 && resolvePlain(value) === value;
  return isPlain ? value : doubleQuoted(value);
}

const plain = /^[A-Za-z0-9_/][A-Za-z0-9_/.@+:-]*$(?<!:)/;
const plainInFlow = /^[A-Za-z0-9_/][A-Za-z0-9_/.+-]*$/;

/** In double quotes, as YAML and JSON both read it. */
export function doubleQuoted(value: string): string {
  return escapeUnprintable(JSON.stringify(value));
}

/** In JSON: what YAML takes for line breaks or refuses, as escapes. */
export function escapeUnprintable(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A text in the quotes that another one has. */
export function quotedLike(value: string, sample: string): string {
  if (sample.startsWith('"')) return doubleQuoted(value);
  // oxlint-disable-next-line no-control-regex
  const fits = !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(value);
  if (sample.startsWith("'") && fits) return `'${value.replaceAll("'", "''")}'`;
  return scalarText(value, false);
}
