import type { JsonValue, YamlMapping, YamlSequence } from '../../formats/index.js';
import {
  doubleQuoted,
  escapeUnprintable,
  flowPair,
  flowText,
  lineStartOf,
  quotedLike,
  type FlowStyle,
} from './render.js';
import type { PlanSubject, Site } from './site.js';
import { startsLine, tagSplice, type Splice } from './splice.js';

/** What becomes of the entries of a mapping or list in brackets; at least one stays. */
export interface FlowChange {
  readonly removed: ReadonlySet<number>;
  /** Keys are missing in lists. */
  readonly added: readonly (readonly [string | undefined, JsonValue])[];
  readonly flow: FlowStyle;
}

interface Entry {
  readonly start: number;
  readonly end: number;
}

/** How a node in brackets is written: as its first entries are, else as what is around it. */
export function flowStyleOf(text: string, node: YamlMapping | YamlSequence, around: FlowStyle | undefined): FlowStyle {
  const entries = entriesOf(node);
  const [first, second] = entries;
  const gap = first && second ? text.slice(first.end, second.start) : undefined;
  const key = node.kind === 'mapping' ? node.keys[0] : undefined;
  const value = node.kind === 'mapping' ? node.values[0] : undefined;
  const isJson = around?.isJson || (key !== undefined && text.charCodeAt(key.start) === 34);
  const colon = key && value ? /[ \t\r\n]/.test(text.slice(key.end, value.start)) : undefined;
  const afterColon = !isJson || (colon ?? around?.afterColon !== '') ? ' ' : '';
  const spaced = gap === undefined ? afterColon !== '' : /[ \t\r\n]/.test(gap);
  return { isJson, afterColon, afterComma: spaced ? ' ' : '' };
}

/** Takes entries away and puts others behind the last that stays. */
export function editFlow(
  subject: PlanSubject,
  node: YamlMapping | YamlSequence,
  { removed, added, flow }: FlowChange,
): readonly Splice[] {
  const { text } = subject;
  const entries = entriesOf(node);
  const splices: Splice[] = [];
  let lastKept = -1;
  for (let at = 0; at < entries.length; at++) {
    if (!removed.has(at)) {
      lastKept = at;
      continue;
    }
    const from = at;
    while (removed.has(at + 1)) at++;
    const first = entries[from];
    const last = entries[at];
    const next = entries[at + 1];
    const before = entries[from - 1];
    if (first && next) splices.push({ start: first.start, end: next.start, text: '', order: 0 });
    else if (before && last) splices.push({ start: before.end, end: last.end, text: '', order: 0 });
  }
  const anchor = entries[lastKept];
  if (added.length === 0 || !anchor) return splices;
  const isTall = startsLine(text, anchor.start);
  const indent = text.slice(lineStartOf(text, anchor.start), anchor.start);
  const pieces = added.map(([key, value]) => {
    const written = isTall ? tallText(subject, value, flow, indent) : undefined;
    if (key === undefined) return written ?? flowText(value, flow);
    return written === undefined ? flowPair(key, value, flow) : `${doubleQuoted(key)}:${flow.afterColon}${written}`;
  });
  const separator = isTall ? `,${subject.style.eol}${indent}` : `,${flow.afterComma}`;
  const inserted = pieces.map((piece) => `${separator}${piece}`).join('');
  return [{ start: anchor.end, end: anchor.end, text: inserted, order: 0 }, ...splices];
}

/** Writes another value in the place of a node in brackets. */
export function replaceInFlow(
  subject: PlanSubject,
  site: Site & { readonly flow: FlowStyle },
  value: JsonValue,
): readonly Splice[] {
  const { text } = subject;
  const { node, flow } = site;
  const start = site.slot.kind === 'member' ? site.slot.key.start : node.start;
  const indent = text.slice(lineStartOf(text, start), start);
  const tall = startsLine(text, start) ? tallText(subject, value, flow, indent) : undefined;
  const isQuoted = typeof value === 'string' && node.kind === 'scalar' && node.detail >= 0 && !flow.isJson;
  const isQuotable = isQuoted && /['"]/.test(text.charAt(node.start));
  const written = isQuotable ? quotedLike(value, text.charAt(node.start)) : (tall ?? flowText(value, flow));
  if (node.kind === 'scalar' && node.detail < 0) {
    const hasColon = text.charCodeAt(node.start - 1) === 58;
    return [
      ...tagSplice(text, node),
      { start: node.start, end: node.start, text: hasColon ? ` ${written}` : `: ${written}`, order: 0 },
    ];
  }
  return [...tagSplice(text, node), { start: node.start, end: node.end, text: written, order: 0 }];
}

/** JSON over several lines, where what is around it is written so. */
function tallText(subject: PlanSubject, value: JsonValue, flow: FlowStyle, indent: string): string | undefined {
  if (!flow.isJson || !/^[ \t]*$/.test(indent)) return undefined;
  const unit = /[\r\n]([ \t]+)"/.exec(subject.text)?.[1] ?? '  ';
  const text = JSON.stringify(value, null, unit).replaceAll('\n', `${subject.style.eol}${indent}`);
  return escapeUnprintable(text);
}

function entriesOf(node: YamlMapping | YamlSequence): readonly Entry[] {
  if (node.kind === 'sequence') return node.items.map(({ start, end }) => ({ start, end }));
  return node.keys.map((key, at) => ({ start: key.start, end: Math.max(key.end, node.values[at]?.end ?? 0) }));
}
