import { compareText, type Severity } from '../../findings/index.js';
import type {
  ManifestFinding,
  ManifestPlace,
  ManifestReport,
  ObjectName,
  PodSecurityReport,
  SuppressedManifestFinding,
} from '../analysis/manifest-report.js';
import { plainLine, wrapLine } from './plain-line.js';
import { counted, objectKey, objectTitle, severityCounts, type ManifestResult } from './result.js';

export interface ManifestTableOptions {
  readonly color: boolean;
  /** Of the terminal; absent: lines are not broken. */
  readonly columns?: number | undefined;
  readonly showSuppressed: boolean;
}

/** The report for people: by file and object, the worst first. In pieces, each a line or more. */
export function* manifestTable(result: ManifestResult, options: ManifestTableOptions): Iterable<string> {
  const pen = new Pen(options);
  const { report } = result;
  for (const [file, objects] of groupsOf(report, options.showSuppressed)) {
    yield `${pen.bold(plainLine(file))}\n`;
    for (const group of objects) yield* objectLines(group, pen);
    yield '\n';
  }
  yield* unknownLines(report, pen);
  yield* unusedLines(report, pen);
  yield* totalLines(result, options);
}

interface Group {
  readonly title: string;
  readonly place: ManifestPlace;
  readonly findings: ManifestFinding[];
  readonly suppressed: SuppressedManifestFinding[];
  readonly levels: PodSecurityReport[];
}

/** Objects that have something to be told, in the order of the files. */
function groupsOf(report: ManifestReport, showSuppressed: boolean): ReadonlyMap<string, readonly Group[]> {
  const groups = new Map<string, Group>();
  // Findings of one object mostly share its name: the text of the key is made once for it.
  const known = new Map<ObjectName, Group>();
  const groupOf = (of: Pick<PodSecurityReport, 'object' | 'place'>): Group => {
    const found = known.get(of.object);
    if (found && found.place.file === of.place.file && found.place.document === of.place.document) return found;
    const key = objectKey(of);
    let group = groups.get(key);
    if (!group) {
      group = { title: objectTitle(of.object), place: of.place, findings: [], suppressed: [], levels: [] };
      groups.set(key, group);
    }
    known.set(of.object, group);
    return group;
  };
  for (const level of report.podSecurity) groupOf(level).levels.push(level);
  for (const finding of report.findings) groupOf(finding).findings.push(finding);
  if (showSuppressed) for (const one of report.suppressed) groupOf(one.finding).suppressed.push(one);
  const files = new Map<string, Group[]>();
  for (const group of groups.values()) {
    const { file } = group.place;
    const list = files.get(file);
    if (list) list.push(group);
    else files.set(file, [group]);
  }
  const sorted = [...files].sort(([a], [b]) => compareText(a, b));
  return new Map(sorted.map(([file, list]) => [file, list.sort((a, b) => comparePlaces(a.place, b.place))]));
}

function comparePlaces(a: ManifestPlace, b: ManifestPlace): number {
  return a.document - b.document || a.line - b.line || a.column - b.column;
}

function* objectLines({ title, place, findings, suppressed, levels }: Group, pen: Pen): Iterable<string> {
  const source = place.renderedFrom === undefined ? '' : `  (from ${plainLine(place.renderedFrom)})`;
  yield `  ${pen.bold(plainLine(title))}${source}\n`;
  for (const summary of new Set(levels.map((level) => level.summary))) {
    yield pen.wrapped(`Pod Security: ${summary}`, 4, 6);
  }
  for (const finding of findings) yield* findingLines(finding, pen);
  for (const { finding, reason, until, by } of suppressed) {
    const end = until === undefined ? '' : `, until ${until}`;
    yield `    ${lineOf(finding.place)}  ${pen.dim('suppressed')}  ${ruleOf(finding)}\n`;
    yield pen.wrapped(`by line ${by.line}: ${reason}${end}`, 14, 14);
  }
}

function* findingLines(finding: ManifestFinding, pen: Pen): Iterable<string> {
  yield `    ${lineOf(finding.place)}  ${pen.severity(finding.severity)}  ${ruleOf(finding)}\n`;
  yield pen.wrapped(finding.message, 14, 14);
  yield pen.wrapped(`fix: ${finding.fix}${finding.edits.length > 0 ? ' (--fix does it)' : ''}`, 14, 19);
}

function lineOf({ line, column }: ManifestPlace): string {
  return `${line}:${column}`.padEnd(8);
}

function ruleOf({ ruleId, rule, container }: ManifestFinding): string {
  if (!container) return `${ruleId} ${rule}`;
  return `${ruleId} ${rule}  ${container.role} ${plainLine(container.name ?? '(no name)')}`;
}

function* unknownLines({ unknowns }: ManifestReport, pen: Pen): Iterable<string> {
  if (unknowns.length === 0) return;
  yield `${pen.bold('Not assessed')}\n`;
  for (const { place, code, reason, hint } of unknowns) {
    yield pen.wrapped(`${place.file}:${place.line}  ${code}  ${reason}`, 2, 4);
    if (hint !== undefined) yield pen.wrapped(`hint: ${hint}`, 4, 6);
  }
  yield '\n';
}

function* unusedLines({ unusedSuppressions }: ManifestReport, pen: Pen): Iterable<string> {
  if (unusedSuppressions.length === 0) return;
  yield `${pen.bold('Suppressions that do nothing')}\n`;
  for (const { place, reason } of unusedSuppressions) yield pen.wrapped(`${place.file}:${place.line}  ${reason}`, 2, 4);
  yield '\n';
}

function* totalLines(
  { report, skippedFiles }: ManifestResult,
  { showSuppressed }: ManifestTableOptions,
): Iterable<string> {
  const { findings, suppressed, files, objects, workloads } = report;
  const counts = findings.length === 0 ? '' : ` (${severityCounts(findings)})`;
  yield `Total: ${counted(findings.length, 'finding')}${counts} in ${counted(objects, 'object')}, ${counted(workloads, 'workload')}, ${counted(files, 'file')}\n`;
  if (suppressed.length > 0) {
    yield `Suppressed: ${counted(suppressed.length, 'finding')}${showSuppressed ? '' : ' (--show-suppressed shows them)'}\n`;
  }
  if (skippedFiles > 0) yield `Passed over: ${counted(skippedFiles, 'file')} without manifests\n`;
}

const colorOf: Readonly<Record<Severity, number>> = { CRITICAL: 31, HIGH: 91, MEDIUM: 33, LOW: 36, UNKNOWN: 35 };

class Pen {
  readonly #color: boolean;
  readonly #columns: number | undefined;

  constructor({ color, columns }: ManifestTableOptions) {
    this.#color = color;
    this.#columns = columns;
  }

  bold(text: string): string {
    return this.#paint(1, 22, text);
  }

  dim(text: string): string {
    return this.#paint(2, 22, text);
  }

  severity(severity: Severity): string {
    return this.#paint(colorOf[severity], 39, severity.padEnd(8));
  }

  /** A line of any text, broken to the terminal's width. */
  wrapped(text: string, indent: number, hanging: number): string {
    return wrapLine(plainLine(text), { indent, hanging, columns: this.#columns });
  }

  #paint(start: number, end: number, text: string): string {
    return this.#color ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  }
}
