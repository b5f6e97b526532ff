import type { LogLevel } from '../core/index.js';
import { printable } from './printable.js';

/** The process's three streams, made safe: a reader that went away is no error, and lines for people are one line each. */
export interface Terminal {
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Columns of standard output, where it is a terminal. */
  readonly columns: number | undefined;
  readonly colors: { readonly stdout: boolean; readonly stderr: boolean };
  /** Resolves when the bytes are handed over. After the reader has gone it does nothing. */
  write(text: string): Promise<void>;
  /** Has the reader of standard output gone away? */
  readonly closed: boolean;
  /** One line on standard error. */
  say(line: string): void;
  /** Told before a line is written, so that a progress bar can make room. */
  beforeLine(listener: () => void): void;
}

/** What `log` writes: errors always, warnings and notes unless quiet, the rest when debugging. */
export interface LogOptions {
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** The terminal of this process. Colours: `NO_COLOR` and `FORCE_COLOR`, else only on a terminal that is not `dumb`. */
export function openTerminal(environment: Readonly<Record<string, string | undefined>>): Terminal {
  let closed = false;
  let makeRoom: (() => void) | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The rest of the work still decides the exit code; only the words have nobody to go to.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') closed = true;
    else throw error;
  });
  process.stderr.on('error', () => {});
  const stdoutIsTerminal = process.stdout.isTTY;
  const stderrIsTerminal = process.stderr.isTTY;
  return {
    stdoutIsTerminal,
    stderrIsTerminal,
    columns: stdoutIsTerminal ? process.stdout.columns : undefined,
    colors: { stdout: wantsColor(environment, stdoutIsTerminal), stderr: wantsColor(environment, stderrIsTerminal) },
    get closed() {
      return closed;
    },
    write(text) {
      if (closed || text === '') return Promise.resolve();
      return new Promise((resolve) => process.stdout.write(text, () => resolve()));
    },
    say(line) {
      makeRoom?.();
      process.stderr.write(`${line}\n`);
    },
    beforeLine(listener) {
      makeRoom = listener;
    },
  };
}

/** The `log` of a context. */
export function createLog(terminal: Terminal, options: LogOptions): (level: LogLevel, message: string) => void {
  const paint = painter(terminal.colors.stderr);
  return (level, message) => {
    const text = printable(message);
    if (level === 'error') terminal.say(`${paint.red('error:')} ${text}`);
    else if (level === 'debug' ? !options.debug : options.quiet) return;
    else if (level === 'warn') terminal.say(`${paint.yellow('warning:')} ${text}`);
    else terminal.say(level === 'info' ? text : paint.dim(`debug: ${text}`));
  };
}

export interface Painter {
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

/** Colours for the few words of ours that have some. */
export function painter(on: boolean): Painter {
  const wrap = (start: number, end: number) => (text: string) => (on ? `\u001b[${start}m${text}\u001b[${end}m` : text);
  return { red: wrap(31, 39), yellow: wrap(33, 39), green: wrap(32, 39), bold: wrap(1, 22), dim: wrap(2, 22) };
}

function wantsColor(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return isTerminal && environment.TERM !== 'dumb';
}
