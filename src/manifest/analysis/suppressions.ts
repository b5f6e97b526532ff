import type { JsonObject, JsonValue, YamlDocument, YamlNode, YamlPath } from '../../formats/index.js';
import type { ManifestPlace } from './manifest-report.js';
import { childAt } from './node-at.js';
import { quoted } from './quoted.js';
import { kept } from './views.js';

/** One rule that somebody asks not to be told of, at one place. */
export interface Suppression {
  /** Id of the rule; as written, if there is no such rule. */
  readonly ruleId: string;
  /** Only for the container of this name. */
  readonly container: string | undefined;
  /** The last day on which it holds. */
  readonly until: string | undefined;
  readonly reason: string;
  readonly place: ManifestPlace;
  /** Why it does not count, if it does not. */
  readonly problem: string | undefined;
  /** Findings at or below this path, or else those on this line. */
  readonly covers: { readonly path: YamlPath } | { readonly line: number };
  used: boolean;
}

/** What is asked for in one document. */
export class Suppressions {
  readonly list: readonly Suppression[];
  readonly #byPlace = new Map<string, Suppression[]>();

  constructor(list: readonly Suppression[]) {
    this.list = list;
    for (const suppression of list) {
      const { ruleId, covers } = suppression;
      const key = 'line' in covers ? `${ruleId}@${covers.line}` : [ruleId, ...covers.path].join('/');
      const known = this.#byPlace.get(key);
      if (known) known.push(suppression);
      else this.#byPlace.set(key, [suppression]);
    }
  }

  /** Those that may cover a finding: of its line, and of what its path begins with. */
  *around({ ruleId, path, line }: Suppressible): Iterable<Suppression> {
    yield* this.#byPlace.get(`${ruleId}@${line}`) ?? [];
    let key = ruleId;
    yield* this.#byPlace.get(key) ?? [];
    for (const step of path) {
      key += `/${step}`;
      yield* this.#byPlace.get(key) ?? [];
    }
  }
}

/** What a suppression is held against. */
export interface Suppressible {
  readonly ruleId: string;
  readonly container: string | undefined;
  readonly path: YamlPath;
  readonly line: number;
}

export interface SuppressionReading {
  /** The id of a rule by its id or name. */
  readonly ruleId: (idOrName: string) => string | undefined;
  /** Today, as `2027-01-31`. */
  readonly today: string;
  readonly placeOf: (position: { readonly line: number; readonly column: number }) => ManifestPlace;
}

/** An object, or the template of a pod, that may carry annotations. */
export interface Annotated {
  /** What they cover: from the document's root. */
  readonly path: YamlPath;
  readonly metadataPath: YamlPath;
  readonly annotations: JsonObject;
}

const annotation = 'tidewaiter.dev/ignore';
const marker = 'tidewaiter:ignore';

/** The first suppression that takes a finding away; it counts as used from then on. */
export function suppressedBy(suppressions: Suppressions | undefined, finding: Suppressible): Suppression | undefined {
  for (const suppression of suppressions?.around(finding) ?? []) {
    const { problem, container } = suppression;
    if (problem !== undefined || (container !== undefined && container !== finding.container)) continue;
    suppression.used = true;
    return suppression;
  }
  return undefined;
}

/**
 * What annotations and comments of a document ask for. An annotation `tidewaiter.dev/ignore` holds entries divided by `;`
 * or line ends: `TW-K001 until 2027-01-31: why`; `tidewaiter.dev/ignore.TW-K001` holds the reason of one rule. A comment
 * `# tidewaiter:ignore TW-K001 why` covers its line, or the next one if it stands alone. `container=NAME` narrows it.
 * Rules are named by id or name, several with commas between. What lacks a reason, names no rule or is past its last day is
 * returned with its problem.
 */
export function readSuppressions(
  document: YamlDocument,
  annotated: readonly Annotated[],
  reading: SuppressionReading,
): Suppressions | undefined {
  const list = [
    ...annotated.flatMap((holder) => annotationsOf(document, holder, reading)),
    ...(document.text.includes(marker) ? commentsOf(document, reading) : []),
  ];
  return list.length > 0 ? new Suppressions(list) : undefined;
}

/** Whether a document may hold any: for most, the rest need not be done. */
export function maySuppress(document: YamlDocument): boolean {
  return document.text.includes('tidewaiter');
}

function annotationsOf(document: YamlDocument, holder: Annotated, reading: SuppressionReading): readonly Suppression[] {
  return Object.entries(holder.annotations).flatMap(([key, value]) => {
    if (key !== annotation && !key.startsWith(`${annotation}.`)) return [];
    const { place } = document.locateNearest([...holder.metadataPath, 'annotations', key]);
    const at = reading.placeOf(place);
    const covers = { path: holder.path };
    return entriesOf(key, value, reading).flatMap((entry) => suppressionsOf(entry, { covers, at, reading }));
  });
}

/** The entries of an annotation, each beginning with the rules it names. */
function entriesOf(key: string, value: JsonValue, { ruleId }: SuppressionReading): readonly string[] {
  if (typeof value !== 'string') return [`${key.slice(annotation.length + 1) || quoted(value)}:`];
  if (key !== annotation) return [`${key.slice(annotation.length + 1)} ${value}`];
  const entries: string[] = [];
  for (const part of value.split(/[;\n]/, 1000)) {
    if (part.trim() === '') continue;
    const first = /^\s*([A-Za-z0-9-]+)/.exec(part)?.[1] ?? '';
    const begins = entries.length === 0 || /^TW-/i.test(first) || ruleId(first) !== undefined;
    if (begins) entries.push(part);
    else entries.push(`${entries.pop() ?? ''};${part}`);
  }
  return entries.length > 0 ? entries : [''];
}

interface Where {
  readonly covers: Suppression['covers'];
  readonly at: ManifestPlace;
  readonly reading: SuppressionReading;
}

function suppressionsOf(entry: string, { covers, at, reading }: Where): readonly Suppression[] {
  const { names, container, until, reason } = parseEntry(entry);
  const common = { container, until, reason: kept(reason), place: at, covers, used: false };
  if (names.length === 0) return [{ ...common, ruleId: '', problem: 'it names no rule' }];
  return names.map((name): Suppression => {
    const known = reading.ruleId(name);
    const problem =
      known === undefined
        ? `there is no rule ${quoted(name)}`
        : problemOf({ name, reason, until, today: reading.today });
    return { ...common, ruleId: known ?? kept(name), problem };
  });
}

interface Checked {
  readonly name: string;
  readonly reason: string;
  readonly until: string | undefined;
  readonly today: string;
}

function problemOf({ name, reason, until, today }: Checked): string | undefined {
  if (!/[\p{L}\p{N}]/u.test(reason)) return `${name} is not taken away without a reason`;
  if (until === undefined) return undefined;
  if (!isDay(until)) return `${quoted(until)} is no date: write the last day as 2027-01-31`;
  return until < today ? `it held for ${name} until ${until}` : undefined;
}

function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

interface Entry {
  readonly names: readonly string[];
  readonly container: string | undefined;
  readonly until: string | undefined;
  readonly reason: string;
}

/** `ID[, ID] [container=NAME] [until DATE][:] reason [until=DATE]` */
function parseEntry(text: string): Entry {
  const names: string[] = [];
  let rest = text.trim().slice(0, 4096);
  for (;;) {
    const name = /^([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*/.exec(rest);
    if (!name) break;
    names.push(name[1] ?? '');
    rest = rest.slice(name[0].length);
    if (!rest.startsWith(',')) break;
    rest = rest.slice(1).trimStart();
  }
  let container: string | undefined;
  let until: string | undefined;
  for (;;) {
    const clause = /^(container=|until[= ][ \t]*)([^\s:=;,]*)[,\s]*/.exec(rest);
    if (!clause) break;
    if (clause[1]?.startsWith('container')) container = clause[2];
    else until = clause[2];
    rest = rest.slice(clause[0].length);
  }
  rest = rest.replace(/^[\s:=–—-]+/, '').replace(/^reason\s*[:=]\s*/, '');
  const last = /(?:^|[\s(,])until(?:=|\s)\s?([0-9][^\s)]*)\)?\.?$/.exec(rest);
  if (last && until === undefined) {
    until = last[1];
    rest = rest.slice(0, last.index);
  }
  return { names, container, until, reason: unquote(rest.trim()) };
}

function unquote(text: string): string {
  const first = text[0];
  return text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) ? text.slice(1, -1).trim() : text;
}

function commentsOf(document: YamlDocument, reading: SuppressionReading): readonly Suppression[] {
  const { text } = document;
  const found: Suppression[] = [];
  let next = -1;
  for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + marker.length)) {
    const lineStart = lineStartOf(text, at);
    const before = text.slice(lineStart, at);
    const comment = /(^|[ \t])#[ \t]*$/.exec(before);
    if (!comment || document.isJson) continue;
    const hash = lineStart + comment.index + (comment[1]?.length ?? 0);
    if (isInScalar(document.tree(), hash)) continue;
    const position = document.position(hash);
    const standsAlone = before.slice(0, comment.index).trim() === '';
    // Several comments above one line look for it once.
    if (standsAlone && next < at) next = nextContent(text, at);
    const covers = { line: standsAlone ? document.position(next).line : position.line };
    const end = lineEnd(text, at);
    const where = { covers, at: reading.placeOf(position), reading };
    found.push(...suppressionsOf(text.slice(at + marker.length, end), where));
  }
  return found;
}

/** Offset of the next line that is neither blank nor a comment. */
function nextContent(text: string, from: number): number {
  let at = lineEnd(text, from);
  while (at < text.length) {
    const start = at + 1;
    at = lineEnd(text, start);
    const line = text.slice(start, at).trimStart();
    if (line !== '' && !line.startsWith('#')) return start;
  }
  return from;
}

function lineStartOf(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at--;
  return at;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Whether what looks like a comment is text in a value. */
function isInScalar(root: YamlNode, offset: number): boolean {
  let node: YamlNode | undefined = root;
  while (node && node.kind !== 'scalar') node = childAt(node, offset)?.child;
  return node !== undefined && node.start <= offset && offset < node.end;
}
