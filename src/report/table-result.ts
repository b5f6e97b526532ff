import type { Finding, SuppressedFinding } from '../findings/index.js';
import { clipText, plainLine, plainText } from './plain-text.js';
import { resultTarget, type ResultContext } from './result-target.js';
import { createStyle, type Style } from './style.js';
import { renderDependencyTree } from './table-dependency-tree.js';
import { layoutTable, narrowestWidth, type TableCell, type TableColumn } from './table-layout.js';
import { countBySeverity, renderHeading } from './table-section.js';
import { outermostArchive } from './table-summary.js';
import type { WriteOptions } from './writer.js';

/** Longest text of one cell, in characters: nobody reads more, and no package name needs it. */
const maxCellLength = 1000;
const maxTitleWords = 12;

/** Heading, totals and table of one result; nothing where there is nothing to show. */
export function* renderResult(context: ResultContext): Generator<string> {
  const { result, options } = context;
  const showSuppressed = options.showSuppressed === true && result.suppressed.length > 0;
  if (result.findings.length === 0 && !showSuppressed) return;
  const color = options.color === true;
  const style = createStyle(color);
  yield `\n${renderHeading(headingOf(context), { style, color })}`;
  yield `Total: ${result.findings.length} (${countBySeverity(result.findings, options.severities)})\n\n`;
  if (result.findings.length > 0) yield* renderFindings(result.findings, options, style);
  if (options.dependencyTree) yield* renderDependencyTree(context);
  if (showSuppressed) yield* renderSuppressed(result.suppressed, options, style);
}

function headingOf(context: ResultContext): string {
  const target = resultTarget(context);
  return context.result.class === 'lang-pkgs' ? `${target} (${context.result.type})` : target;
}

const wide: readonly TableColumn[] = [
  { title: 'Library', align: 'left', maxWidth: 60, minWidth: 10 },
  { title: 'Vulnerability', align: 'left', maxWidth: 60, minWidth: 14 },
  { title: 'Severity', align: 'left', maxWidth: 60, minWidth: 8 },
  { title: 'Status', align: 'left', maxWidth: 60, minWidth: 12 },
  { title: 'Installed Version', align: 'left', maxWidth: 60, minWidth: 10 },
  { title: 'Fixed Version', align: 'left', maxWidth: 60, minWidth: 10 },
  { title: 'Title', align: 'left', maxWidth: 60, minWidth: 24 },
];

/** For narrow terminals: without addresses, and where there is no fix the status stands in the fixed version's place. */
const narrow: readonly TableColumn[] = [
  { title: 'Library', align: 'left', maxWidth: 60, minWidth: 8 },
  { title: 'Vulnerability', align: 'left', maxWidth: 60, minWidth: 14 },
  { title: 'Severity', align: 'left', maxWidth: 60, minWidth: 8 },
  { title: 'Installed', align: 'left', maxWidth: 60, minWidth: 9 },
  { title: 'Fixed or Status', align: 'left', maxWidth: 60, minWidth: 9 },
  { title: 'Title', align: 'left', maxWidth: 60, minWidth: 12 },
];

function* renderFindings(findings: readonly Finding[], options: WriteOptions, style: Style): Generator<string> {
  const isNarrow = options.columns !== undefined && options.columns < narrowestWidth(wide);
  const rows = findings.map((finding) => findingCells(finding, { isNarrow, style }));
  yield* layoutTable(isNarrow ? narrow : wide, rows, {
    merge: true,
    fit: options.columns,
    paintTitle: style.title,
    paintLine: style.line,
  });
}

function findingCells(
  finding: Finding,
  look: { readonly isNarrow: boolean; readonly style: Style },
): readonly TableCell[] {
  const status = { text: finding.status };
  const fixed = { text: cellText(finding.fixedVersion) };
  const start = [
    { text: libraryText(finding) },
    { text: cellText(finding.vulnerabilityId) },
    { text: finding.severity, paint: look.style.severity(finding.severity) },
  ];
  const installed = { text: cellText(finding.installedVersion) };
  const title = titleText(finding);
  if (look.isNarrow) {
    return [
      ...start,
      installed,
      fixed.text === '' ? { text: status.text.replaceAll('_', ' ') } : fixed,
      { text: title },
    ];
  }
  const lines = [title, cellText(finding.primaryUrl ?? '')].filter((line) => line !== '');
  return [...start, status, installed, fixed, { text: lines.join('\n'), paint: linkPainter(look.style) }];
}

function libraryText({ packageName, packagePath }: Finding): string {
  if (packagePath === undefined || packagePath === '') return cellText(packageName);
  const file = outermostArchive(packagePath).split('/').at(-1) ?? '';
  return `${cellText(packageName)} (${cellText(file)})`;
}

/** The title, or what there is of a description: a dozen words at most. */
function titleText({ detail }: Finding): string {
  const full = detail?.title || detail?.description || '';
  const words = full
    .slice(0, 10 * maxCellLength)
    .split(/\s+/)
    .filter((word) => word !== '');
  const title = words.length >= maxTitleWords ? `${words.slice(0, maxTitleWords).join(' ')}...` : full.trim();
  return plainLine(clipText(title, maxCellLength));
}

function linkPainter(style: Style): (text: string) => string {
  return (text) => (/^https?:\/\//.test(text) ? style.link(text) : text);
}

const suppressedColumns: readonly TableColumn[] = [
  { title: 'Library', align: 'left', maxWidth: 60, minWidth: 10 },
  { title: 'Vulnerability', align: 'left', maxWidth: 60, minWidth: 14 },
  { title: 'Severity', align: 'left', maxWidth: 60, minWidth: 8 },
  { title: 'Status', align: 'left', maxWidth: 60, minWidth: 8 },
  { title: 'Statement', align: 'left', maxWidth: 60, minWidth: 10 },
  { title: 'Source', align: 'left', maxWidth: 60, minWidth: 10 },
];

function* renderSuppressed(
  suppressed: readonly SuppressedFinding[],
  options: WriteOptions,
  style: Style,
): Generator<string> {
  const heading = `Suppressed Vulnerabilities (Total: ${suppressed.length})`;
  yield `\n${renderHeading(heading, { style, color: options.color === true })}`;
  const rows = suppressed.map(({ finding, status, statement, source }) => [
    { text: cellText(finding.packageName) },
    { text: cellText(finding.vulnerabilityId) },
    { text: finding.severity, paint: style.severity(finding.severity) },
    { text: status },
    { text: statement ? plainLine(clipText(statement, maxCellLength)) : 'N/A' },
    { text: cellText(source) },
  ]);
  yield* layoutTable(suppressedColumns, rows, {
    merge: true,
    fit: options.columns,
    paintTitle: style.title,
    paintLine: style.line,
  });
}

function cellText(text: string): string {
  return plainText(clipText(text, maxCellLength));
}
