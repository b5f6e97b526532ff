import type { KubesecReport, KubesecRule } from '../manifest/index.js';
import { printable } from './printable.js';
import { painter, type Painter } from './terminal.js';

export interface KubesecTableOptions {
  readonly color: boolean;
  /** Of the terminal; 100 where there is none. */
  readonly columns: number | undefined;
}

/** The reports for people: a line for each object, then for each what to change, worst first. */
export function kubesecTable(reports: readonly KubesecReport[], { color, columns }: KubesecTableOptions): string {
  const paint = painter(color);
  const width = Math.min(Math.max(columns ?? 100, 60), 140);
  return [...summary(reports, paint), ...reports.flatMap((report) => details(report, paint, width))]
    .map((line) => `${line}\n`)
    .join('');
}

function summary(reports: readonly KubesecReport[], paint: Painter): readonly string[] {
  const head = ['Object', 'File', 'Valid', 'Score', 'Critical', 'Advise', 'Passed'];
  const rows = reports.map(({ object, fileName, valid, score, scoring }) => [
    printable(object),
    printable(fileName),
    valid ? 'yes' : 'no',
    String(score),
    String(scoring.critical.length),
    String(scoring.advise.length),
    String(scoring.passed.length),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at < 3 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return [
    paint.bold(line(head)),
    ...rows.map((row, at) => {
      const report = reports[at];
      const text = line(row);
      if (!report?.valid || report.score < 0) return paint.red(text);
      return report.score > 0 ? paint.green(text) : text;
    }),
  ];
}

function details(report: KubesecReport, paint: Painter, width: number): readonly string[] {
  const { object, fileName, message, scoring } = report;
  const { critical, advise, passed } = scoring;
  return [
    '',
    paint.bold(`${printable(object)} (${printable(fileName)})`),
    ...wrap(printable(message), width, '  '),
    ...critical.flatMap((rule) => item(paint.red('critical'), rule, width)),
    ...advise.flatMap((rule) => item(paint.yellow('advise  '), rule, width)),
    ...passed.map((rule) => `  ${paint.green('passed  ')} ${points(rule)}  ${rule.id}`),
  ];
}

function item(severity: string, rule: KubesecRule, width: number): readonly string[] {
  return [`  ${severity} ${points(rule)}  ${rule.id}`, ...wrap(rule.reason, width, ' '.repeat(17))];
}

function points({ points: worth }: KubesecRule): string {
  return `${worth > 0 ? '+' : ''}${worth}`.padStart(3);
}

function wrap(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}
