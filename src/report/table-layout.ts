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
  const widths = fittedWidths(columns, rows, options.fit);
  const cut = options.fit === undefined ? '-' : '';
  const wrap = wrapper(widths, cut);
  const pen = new Pen(columns, widths, options);

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

  constructor(columns: readonly TableColumn[], widths: readonly number[], options: TableOptions) {
    this.#columns = columns;
    this.#widths = widths;
    this.#bars = widths.map((width) => '─'.repeat(width + 2));
    this.#line = options.paintLine ?? plain;
    this.#bar = this.#line('│');
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
    const height = cells.reduce((most, cell) => Math.max(most, cell.lines.length), 1);
    for (let at = 0; at < height; at++) {
      let line = this.#bar;
      for (let i = 0; i < cells.length; i++) line += ` ${this.#field(cells[i], at, i)} ${this.#bar}`;
      yield `${line}\n`;
    }
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

/** Texts repeat from row to row, so each is wrapped once a column. */
function wrapper(widths: readonly number[], cutMark: string): (text: string, column: number) => readonly string[] {
  const kept = widths.map(() => new Map<string, readonly string[]>());
  return (text, column) => {
    const known = kept[column]?.get(text);
    if (known) return known;
    const lines = wrapText(text, widths[column] ?? 1, cutMark);
    kept[column]?.set(text, lines);
    return lines;
  };
}

function fittedWidths(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  fit: number | undefined,
): readonly number[] {
  const natural = columns.map((column, i) => naturalWidth(column, rows, i));
  if (fit === undefined) return natural;
  const room = fit - 3 * columns.length - 1;
  const least = columns.map((column, i) => Math.min(natural[i] ?? 0, column.minWidth ?? natural[i] ?? 0));
  const widths = [...natural];
  // The widest column that can give way does, until all fit or none can.
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    let widest = -1;
    for (const [i, width] of widths.entries()) {
      if (width > (least[i] ?? 0) && width > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) return natural;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** What the widest line of a column needs once its long cells are wrapped. */
function naturalWidth(column: TableColumn, rows: readonly (readonly TableCell[])[], index: number): number {
  const measured = new Set<string>();
  let widest = 0;
  const measure = (text: string): void => {
    if (measured.has(text)) return;
    measured.add(text);
    for (const line of wrapText(text, column.maxWidth)) widest = Math.max(widest, textWidth(line));
  };
  measure(column.title);
  for (const row of rows) measure(row[index]?.text ?? '');
  return widest;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
