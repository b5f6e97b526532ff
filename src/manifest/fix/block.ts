import {
  asArray,
  asObject,
  type JsonValue,
  type YamlMapping,
  type YamlNode,
  type YamlSequence,
} from '../../formats/index.js';
import { Unfit } from './edit-tree.js';
import type { PlanSubject, Site } from './site.js';
import {
  childLines,
  columnOf,
  flowText,
  inlineText,
  itemLines,
  lineEndOf,
  lineStartOf,
  pairLines,
  quotedLike,
} from './render.js';
import {
  behindBlock,
  contentEnd,
  insertLines,
  lineBreakAt,
  skipProperties,
  skipToContent,
  startsLine,
  tagSplice,
  type Splice,
} from './splice.js';

/** Takes pairs from a block mapping that keeps some, and puts others at its end. */
export function editBlockMapping(
  subject: PlanSubject,
  node: YamlMapping,
  removed: ReadonlySet<number>,
  added: ReadonlyMap<string, JsonValue>,
): readonly Splice[] {
  const { text, style } = subject;
  const column = columnOf(text, node.start);
  const entries = node.keys.map((key, at) => ({
    // Of the first one also when anchor, tag or `?` stand before it.
    start: at === 0 ? node.start : key.start,
    end: contentEnd(text, node.values[at] ?? key),
  }));
  const lines = [...added].flatMap(([key, value]) => pairLines(key, value, column, style));
  return [...removeEntries(text, entries, removed), ...appendLines(subject, node, lines, column * 2)];
}

/** Takes items from a block list that keeps some, and puts others at its end. */
export function editBlockSequence(
  subject: PlanSubject,
  node: YamlSequence,
  removed: ReadonlySet<number>,
  added: readonly JsonValue[],
): readonly Splice[] {
  const { text, style } = subject;
  const column = columnOf(text, node.start);
  const lines = added.flatMap((item) => itemLines(item, column, style));
  const removals = removed.size > 0 ? removeEntries(text, itemEntries(text, node), removed) : [];
  return [...removals, ...appendLines(subject, node, lines, column * 2 + 1)];
}

interface Entry {
  readonly start: number;
  readonly end: number;
}

/** From the dash of each item. */
function itemEntries(text: string, node: YamlSequence): readonly Entry[] {
  let behind = node.start;
  return node.items.map((item) => {
    const start = skipToContent(text, behind);
    behind = Math.max(contentEnd(text, item), start + 1);
    return { start, end: behind };
  });
}

function removeEntries(text: string, entries: readonly Entry[], removed: ReadonlySet<number>): readonly Splice[] {
  const splices: Splice[] = [];
  let from = 0;
  const [first] = entries;
  if (first && removed.has(0) && !startsLine(text, first.start)) {
    // It stands behind a dash: the next that stays takes its place.
    from = entries.findIndex((_, at) => !removed.has(at));
    const kept = entries[from];
    const last = entries[from - 1];
    if (!kept || !last) throw new Unfit('nothing would stay behind the dash');
    const hasComment = text.slice(last.end, kept.start).includes('#');
    const gap = text.charCodeAt(last.end) === 32 ? 1 : 0;
    splices.push({ start: first.start, end: hasComment ? last.end + gap : kept.start, text: '', order: 0 });
  }
  for (const [at, { start, end }] of entries.entries()) {
    if (at < from || !removed.has(at)) continue;
    if (!startsLine(text, start)) throw new Unfit('the entry does not begin its line');
    splices.push({ start: lineStartOf(text, start), end: lineEndOf(text, end), text: '', order: 0 });
  }
  return splices;
}

function appendLines(subject: PlanSubject, node: YamlNode, lines: readonly string[], order: number): readonly Splice[] {
  if (lines.length === 0) return [];
  const { text, style } = subject;
  const end = keepsLastBreaks(node) ? lineStartOf(text, node.end) - 1 : contentEnd(text, node);
  const at = behindBlock(text, end, order >> 1);
  return [insertLines(text, at, lines, style.eol, order)];
}

/** Does it end with a block scalar to which all the empty lines behind it belong? */
function keepsLastBreaks(node: YamlNode): boolean {
  if (node.kind === 'scalar') return (node.detail & 15) >= 6 && ((node.detail >> 4) & 3) === 2;
  if (node.kind === 'alias') return false;
  const last = node.kind === 'sequence' ? node.items.at(-1) : node.values.at(-1);
  return last !== undefined && !(node.kind === 'mapping' && node.inFlow) && keepsLastBreaks(last);
}

/** Writes another value in the place of a node, with what surrounds it left as it is. */
export function replaceInBlock(subject: PlanSubject, site: Site, value: JsonValue): readonly Splice[] {
  const { text } = subject;
  const { node } = site;
  const end = contentEnd(text, node);
  const short = shortText(text, node, value);
  const tag = tagSplice(text, node);
  if (short === undefined) return [...tag, ...replaceWithLines(subject, site, value, end)];
  const isBlock = (node.kind === 'mapping' || node.kind === 'sequence') && !node.inFlow;
  if (node.kind === 'scalar' && node.detail < 0) {
    return [...tag, { start: node.start, end: node.start, text: ` ${short}`, order: 0 }];
  }
  if (!isBlock) return [...tag, { start: node.start, end, text: short, order: 0 }];
  const head = headOf(text, site);
  if (head === undefined) return [...tag, { start: node.start, end, text: short, order: 0 }];
  if (lineStartOf(text, head) === lineStartOf(text, node.start)) {
    return [...tag, { start: head, end, text: ` ${short}`, order: 0 }];
  }
  const lineEnd = lineBreakAt(text, head);
  return [...tag, { start: head, end: head, text: ` ${short}`, order: 0 }, { start: lineEnd, end, text: '', order: 0 }];
}

/** What fits the line; lists of scalars where brackets stood. */
function shortText(text: string, node: YamlNode, value: JsonValue): string | undefined {
  if (typeof value === 'string' && node.kind === 'scalar' && node.detail >= 0) {
    return quotedLike(value, text.slice(node.start, node.start + 1));
  }
  const list = asArray(value);
  const inBrackets = node.kind === 'sequence' && node.inFlow && list?.every((item) => typeof item !== 'object');
  return inBrackets ? flowText(value, { isJson: false, afterColon: ' ', afterComma: ' ' }) : inlineText(value);
}

function replaceWithLines(subject: PlanSubject, site: Site, value: JsonValue, end: number): readonly Splice[] {
  const { text, style } = subject;
  const { node, slot } = site;
  if (slot.kind === 'root') {
    const lines = asArray(value)
      ? childLines(value, -style.listStep, style)
      : Object.entries(asObject(value) ?? {}).flatMap(([key, member]) => pairLines(key, member, 0, style));
    return [{ start: node.start, end, text: lines.join(style.eol), order: 0 }];
  }
  const head = headOf(text, site) ?? node.start;
  if (slot.kind === 'item') {
    const column = columnOf(text, slot.sequence.start);
    const lines = itemLines(value, column, style)
      .join(style.eol)
      .slice(column + 1);
    return [{ start: head, end, text: lines, order: 0 }];
  }
  const lines = childLines(value, columnOf(text, slot.mapping.start), style);
  const block = lines.map((line) => `${style.eol}${line}`).join('');
  const isBelow = end > head && lineStartOf(text, node.start) !== lineStartOf(text, head);
  if (isBelow) return [{ start: lineBreakAt(text, head), end, text: block, order: 0 }];
  const lineEnd = lineBreakAt(text, end);
  return [
    { start: head, end: Math.max(head, end), text: '', order: 0 },
    { start: lineEnd, end: lineEnd, text: block, order: Number.MAX_SAFE_INTEGER },
  ];
}

/** Behind the colon or dash that a value hangs on, its anchor and its tag. */
function headOf(text: string, { slot }: Site): number | undefined {
  if (slot.kind === 'root') return undefined;
  if (slot.kind === 'member') {
    const colon = skipToContent(text, slot.key.end);
    if (text.charCodeAt(colon) !== 58) throw new Unfit('the key has no colon behind it');
    return skipProperties(text, colon + 1);
  }
  const dash = itemEntries(text, slot.sequence)[slot.index]?.start ?? slot.sequence.start;
  return skipProperties(text, dash + 1);
}
