import { escapeForHtml, kubesecRules, type KubesecRule } from '../manifest/index.js';
import type { WordsContext } from './command.js';
import type { KubesecWords } from './kubesec-flags.js';
import { sayFailure } from './kubesec-failure.js';

/** `kubesec print-rules`. */
export async function printRules({ terminal }: WordsContext, words: KubesecWords): Promise<number> {
  const format = words.text('format') ?? 'json';
  switch (format) {
    case 'json':
      await terminal.write(escapeForHtml(JSON.stringify(kubesecRules.map(shown), null, 2)));
      return 0;
    case 'yaml':
      await terminal.write(kubesecRules.map(yaml).join(''));
      return 0;
    case 'table':
      await terminal.write(table());
      return 0;
    default:
      // The original's own spelling.
      return await sayFailure(terminal, `Unkown printing format: ${format}`);
  }
}

function shown({ id, selector, reason, kinds, points, advise }: KubesecRule): object {
  return { id, selector, reason, kinds, points, advise };
}

function yaml({ id, selector, reason, kinds, points, advise }: KubesecRule): string {
  return [
    `- id: ${id}`,
    `  selector: ${scalar(selector, '  selector: '.length)}`,
    `  reason: ${scalar(reason, '  reason: '.length)}`,
    '  kinds:',
    ...kinds.map((kind) => `  - ${kind}`),
    `  points: ${points}`,
    `  advise: ${advise}`,
    '',
  ].join('\n');
}

const foldColumn = 80;

/** A text that may stand plain does; others stand in single quotes. A line ends at the first space behind the column. */
function scalar(text: string, start: number): string {
  const isPlain = !/: | #|^[-?:,[\]{}#&*!|>'"%@`]/.test(text);
  const [first = '', ...words] = (isPlain ? text : `'${text.replaceAll("'", "''")}'`).split(' ');
  let result = first;
  let column = start + first.length;
  for (const word of words) {
    const breaks = column > foldColumn;
    result += breaks ? `\n    ${word}` : ` ${word}`;
    column = (breaks ? 4 : column + 1) + word.length;
  }
  return result;
}

/** Columns are two wider than their longest cell; the heading's last one is not closed. */
function table(): string {
  const head = ['ID', 'Reason', 'Points', 'Kinds'];
  const rows = kubesecRules.map(({ id, reason, points, kinds }) => [id, reason, String(points), kinds.join(',')]);
  const widths = head.map((title, at) => {
    const cells = rows.map((row) => row[at]?.length ?? 0);
    return 2 + Math.max(...cells, at === head.length - 1 ? 0 : title.length);
  });
  const padded = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('|');
  return `${padded(head).trimEnd()}\n${rows.map((row) => `${padded(row)}|\n`).join('')}`;
}
