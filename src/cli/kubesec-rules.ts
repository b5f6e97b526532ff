import { escapeForHtml, kubesecRules, type KubesecRule } from '../manifest/index.js';
import type { WordsContext } from './command.js';
import type { KubesecWords } from './kubesec-flags.js';
import { sayFailure } from './kubesec-program.js';

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
    `- advise: ${advise}`,
    `  id: ${id}`,
    '  kinds:',
    ...kinds.map((kind) => `  - ${kind}`),
    `  points: ${points}`,
    `  reason: ${scalar(reason)}`,
    `  selector: ${scalar(selector)}`,
    '',
  ].join('\n');
}

/** A text that may stand plain does; others stand in single quotes. Folded at about eighty columns. */
function scalar(text: string): string {
  const isPlain = !/: | #|^[-?:,[\]{}#&*!|>'"%@`.]/.test(text);
  const words = (isPlain ? text : `'${text.replaceAll("'", "''")}'`).split(' ');
  let result = '';
  let column = 10;
  for (const [at, word] of words.entries()) {
    const breaks = at > 0 && column > 80 - 1;
    result += at === 0 ? word : breaks ? `\n    ${word}` : ` ${word}`;
    column = breaks ? 4 + word.length : column + word.length + (at === 0 ? 0 : 1);
  }
  return result;
}

function table(): string {
  const rows = kubesecRules.map(({ id, reason, points, kinds }) => [id, reason, String(points), kinds.join(',')]);
  const head = ['ID', 'Reason', 'Points', 'Kinds'];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]): string => cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('|');
  return `${line(head)}\n${rows.map((row) => `${line(row)}|\n`).join('')}`;
}
