import { textWidth } from './plain-text.js';
import { wrapText } from './wrap-text.js';

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'center';
  /** Widest that the column gets, in terminal columns. */
  readonly maxWidth: number;
  /** Narrowest that it gets when the table must fit; default: as wide as it needs. */
  readonly minWidth?: number | undefined;
}

/** Puts escape sequences around a text that is already laid out. */
export type Paint = (text: string) => string;

export interface TableCell {
  /** Safe for a terminal; line ends break lines. */
  readonly text: string;
  readonly paint?: Paint | undefined;
}

export interface TableOptions {
  /** A cell that is not empty and equal to the one above it is joined with it, column by column. */
  readonly merge?: boolean | undefined;
  /** Total width to fit in, if its columns can be that narrow. */
  readonly fit?: number | undefined;
  readonly paintTitle?: Paint | undefined;
  readonly paintLine?: Paint | undefined;
}

const plain: Paint = (text) => text;

/**
 * A table in box-drawing characters, a line between any two rows, one blank beside each cell. Titles are centred; cells
 * wrap at blanks, and a longer word is cut. Lines come one by one, each with its end.
 */
export function* layoutTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  options: TableOptions = {},
): Generator<string> {
  const measured = measure(columns, rows, options.fit);
  const wrap = (text: string, column: number): readonly string[] => measured[column]?.wrapping.linesOf(text) ?? [];
  const pen = new Pen(
    columns,
    measured.map(({ width }) => width),
    options,
  );

  yield pen.rule('┌', '┬', '┐');
  yield* pen.row(
    columns.map((column, i) => ({ lines: wrap(column.title, i), paint: options.paintTitle, title: true })),
  );
  let above: readonly TableCell[] = [];
  for (const row of rows) {
    const joined = columns.map((_, i) => options.merge === true && isJoined(above[i], row[i]));
    yield pen.between(joined);
    yield* pen.row(
      columns.map((_, i) => {
        const cell = row[i];
        return { lines: wrap(cell?.text ?? '', i), paint: cell?.paint, blank: joined[i] };
      }),
    );
    above = row;
  }
  yield pen.rule('└', '┴', '┘');
}

/** Empty cells never join: a table full of gaps would lose its lines. */
function isJoined(above: TableCell | undefined, cell: TableCell | undefined): boolean {
  return above !== undefined && above.text !== '' && above.text === cell?.text;
}

/** How wide a table of these columns would be at the narrowest. */
export function narrowestWidth(columns: readonly TableColumn[]): number {
  return columns.reduce((total, column) => total + (column.minWidth ?? 1) + 3, 1);
}

interface LaidOutCell {
  readonly lines: readonly string[];
  readonly paint?: Paint | undefined;
  readonly title?: boolean | undefined;
  /** Joined with the cell above: takes its room and shows nothing. */
  readonly blank?: boolean | undefined;
}

class Pen {
  readonly #columns: readonly TableColumn[];
  readonly #widths: readonly number[];
  readonly #bars: readonly string[];
  readonly #line: Paint;
  readonly #bar: string;
  readonly #fits: boolean;

  constructor(columns: readonly TableColumn[], widths: readonly number[], options: TableOptions) {
    this.#columns = columns;
    this.#widths = widths;
    this.#bars = widths.map((width) => '─'.repeat(width + 2));
    this.#line = options.paintLine ?? plain;
    this.#bar = this.#line('│');
    this.#fits = options.fit !== undefined;
  }

  rule(left: string, middle: string, right: string): string {
    return `${this.#line(left + this.#bars.join(middle) + right)}\n`;
  }

  /** The line between two rows, left out above joined cells. */
  between(joined: readonly boolean[]): string {
    if (!joined.includes(true)) return this.rule('├', '┼', '┤');
    let line = joined[0] ? '│' : '├';
    for (let i = 0; i < this.#bars.length; i++) {
      const bar = this.#bars[i] ?? '';
      line += joined[i] ? ' '.repeat(bar.length) : bar;
      line += junction(joined[i] === true, joined[i + 1]);
    }
    return `${this.#line(line)}\n`;
  }

  *row(cells: readonly LaidOutCell[]): Generator<string> {
    const height = cells.reduce((most, cell) => Math.max(most, this.#heightOf(cell)), 1);
    for (let at = 0; at < height; at++) {
      let line = this.#bar;
      for (let i = 0; i < cells.length; i++) line += ` ${this.#field(cells[i], at, i)} ${this.#bar}`;
      yield `${line}\n`;
    }
  }

  /** A joined cell keeps its room, unless the table has to fit: there rows are as low as they can be. */
  #heightOf(cell: LaidOutCell): number {
    return cell.blank && this.#fits ? 1 : cell.lines.length;
  }

  #field(cell: LaidOutCell | undefined, at: number, column: number): string {
    const width = this.#widths[column] ?? 0;
    const text = cell === undefined || cell.blank ? '' : (cell.lines[at] ?? '');
    if (text === '') return ' '.repeat(width);
    const spare = Math.max(0, width - textWidth(text));
    const centred = cell?.title === true || this.#columns[column]?.align === 'center';
    const left = centred ? Math.floor(spare / 2) : 0;
    return ' '.repeat(left) + (cell?.paint ?? plain)(text) + ' '.repeat(spare - left);
  }
}

/** What stands between two columns in a line, each with the line left out or not; `undefined`: the table's edge. */
function junction(left: boolean, right: boolean | undefined): string {
  if (right === undefined) return left ? '│' : '┤';
  if (left) return right ? '│' : '├';
  return right ? '┤' : '┼';
}

/** Wraps the texts of one column, each once: they repeat from row to row. */
class Wrapping {
  readonly #width: number;
  readonly #cutMark: string;
  readonly #kept = new Map<string, readonly string[]>();

  constructor(width: number, cutMark: string) {
    this.#width = width;
    this.#cutMark = cutMark;
  }

  linesOf(text: string): readonly string[] {
    const known = this.#kept.get(text);
    if (known) return known;
    const lines = wrapText(text, this.#width, this.#cutMark);
    this.#kept.set(text, lines);
    return lines;
  }

  /** What the widest line of all texts so far needs. */
  widest(): number {
    let widest = 0;
    for (const lines of this.#kept.values()) for (const line of lines) widest = Math.max(widest, textWidth(line));
    return widest;
  }
}

interface MeasuredColumn {
  readonly width: number;
  readonly wrapping: Wrapping;
}

function measure(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  fit: number | undefined,
): readonly MeasuredColumn[] {
  const cutMark = fit === undefined ? '-' : '';
  const natural = columns.map((column, i) => {
    const wrapping = new Wrapping(column.maxWidth, cutMark);
    wrapping.linesOf(column.title);
    for (const row of rows) wrapping.linesOf(row[i]?.text ?? '');
    return { width: wrapping.widest(), wrapping };
  });
  if (fit === undefined) return natural;
  const widths = narrowed(
    natural.map(({ width }) => width),
    columns,
    fit,
  );
  return natural.map((column, i) => {
    const width = widths[i] ?? column.width;
    return width === column.width ? column : { width, wrapping: new Wrapping(width, cutMark) };
  });
}

/** The widest column that can give way does, until all fit or none can. */
function narrowed(natural: readonly number[], columns: readonly TableColumn[], fit: number): readonly number[] {
  const room = fit - 3 * columns.length - 1;
  const least = natural.map((width, i) => Math.min(width, columns[i]?.minWidth ?? width));
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    let widest = -1;
    for (const [i, width] of widths.entries()) {
      if (width > (least[i] ?? 0) && width > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
