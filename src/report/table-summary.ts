import { compareText, type Finding } from '../findings/index.js';
import { assessmentOf, type Assessment } from './assessment.js';
import { clipText, plainText } from './plain-text.js';
import type { ImageReport, ResultReport, ScanReport } from './scan-report.js';
import { createStyle, type Style } from './style.js';
import { layoutTable, type TableCell, type TableColumn } from './table-layout.js';
import type { Scanner, WriteOptions } from './writer.js';

const columnTitles: Readonly<Record<Scanner, string>> = {
  vuln: 'Vulnerabilities',
  misconfig: 'Misconfigurations',
  secret: 'Secrets',
  license: 'Licenses',
};

/** Results of these types stand for packages that each have a file of their own; the summary lists the files. */
const aggregatedTypes: readonly string[] = ['python-pkg', 'conda-pkg', 'gemspec', 'node-pkg', 'jar'];

const maxTargetLength = 2000;

/** The table with one row per target, and its legend. */
export function* renderSummary(report: ScanReport, options: WriteOptions): Generator<string> {
  const style = createStyle(options.color === true);
  const scanners = options.scanners ?? ['vuln'];
  const rows = report.images.flatMap((image) => image.results.flatMap((result) => rowsOf(report, image, result)));
  const empty = rows.length === 0;
  yield `\n${style.heading('Report Summary')}\n\n`;
  yield* layoutTable(
    columnsOf(scanners, empty),
    empty ? [emptyRow(scanners)] : rows.map((row) => cellsOf(row, scanners, style)),
    {
      fit: options.columns,
      paintTitle: style.title,
      paintLine: style.line,
    },
  );
  yield "Legend:\n- '-': Not scanned\n- '0': Clean (no security findings detected)\n";
  if (rows.some((row) => row.assessment === 'none')) yield "- '?': Not assessed (see below)\n";
  if (rows.some((row) => row.assessment === 'partial'))
    yield "- '(incomplete)': Not all of it was assessed (see below)\n";
  yield '\n';
}

interface Row {
  readonly target: string;
  readonly type: string;
  readonly count: number;
  readonly assessment: Assessment;
}

function rowsOf(report: ScanReport, image: ImageReport, result: ResultReport): readonly Row[] {
  const assessment = assessmentOf(image, result);
  const rowOf = (target: string, count: number): Row => ({
    target: report.images.length > 1 ? `${target} [${image.platform}]` : target,
    type: result.type,
    count,
    assessment,
  });
  const counts = aggregatedTypes.includes(result.type) ? countsByFile(result) : undefined;
  if (counts === undefined || counts.size === 0) return [rowOf(result.target, result.findings.length)];
  return [...counts].sort(([a], [b]) => compareText(a, b)).map(([file, count]) => rowOf(file, count));
}

/** Findings of each package file, 0 for those without; nested archives count at the outermost one. */
function countsByFile(result: ResultReport): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { filePath } of result.packages) counts.set(outermostArchive(filePath ?? result.target), 0);
  for (const { packagePath } of result.findings satisfies readonly Finding[]) {
    const file = outermostArchive(packagePath ?? result.target);
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  return counts;
}

/** `app/a.jar` of `app/a.jar/lib/b.jar`; any other path as it is. */
export function outermostArchive(path: string): string {
  const nested = /\.(?:jar|war|par|ear)\//i.exec(path);
  return nested ? path.slice(0, nested.index + nested[0].length - 1) : path;
}

function columnsOf(scanners: readonly Scanner[], empty: boolean): readonly TableColumn[] {
  return [
    { title: 'Target', align: empty ? 'center' : 'left', maxWidth: 80, minWidth: 16 },
    { title: 'Type', align: 'center', maxWidth: 80 },
    ...scanners.map((scanner) => ({ title: columnTitles[scanner], align: 'center' as const, maxWidth: 80 })),
  ];
}

function cellsOf(row: Row, scanners: readonly Scanner[], style: Style): readonly TableCell[] {
  return [
    { text: plainText(clipText(row.target, maxTargetLength)) },
    { text: plainText(row.type) },
    ...scanners.map((scanner) => (scanner === 'vuln' ? countCell(row, style) : { text: '-' })),
  ];
}

function countCell({ count, assessment }: Row, style: Style): TableCell {
  if (assessment === 'none') return { text: '?', paint: style.alarm };
  if (assessment === 'partial') return { text: `${count} (incomplete)`, paint: style.alarm };
  return { text: String(count), paint: count > 0 ? style.alarm : undefined };
}

function emptyRow(scanners: readonly Scanner[]): readonly TableCell[] {
  return [{ text: '-' }, { text: '-' }, ...scanners.map(() => ({ text: '-' }))];
}
