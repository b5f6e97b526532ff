import { isTidewaiterError, messageOf } from '../core/index.js';
import { exitCodeOfError } from './exit-codes.js';
import { printable } from './printable.js';
import { painter, type Terminal } from './terminal.js';

export interface ReportOptions {
  readonly terminal: Terminal;
  readonly debug: boolean;
  readonly quiet: boolean;
}

/** Says what was thrown in one sentence, with what to do about it; gives the exit code. */
export function reportError(thrown: unknown, options: ReportOptions): number {
  const { terminal, debug, quiet } = options;
  const paint = painter(terminal.colors.stderr);
  const isOurs = isTidewaiterError(thrown);
  const isSystem = thrown instanceof Error && 'syscall' in thrown;
  const sentence =
    isOurs || isSystem ? messageOf(thrown) : `something went wrong inside tidewaiter: ${messageOf(thrown)}`;
  const hint = isOurs
    ? thrown.hint
    : isSystem || debug
      ? undefined
      : 'run it again with --debug and report what it prints';
  terminal.say(`${paint.red('error:')} ${linesOf(sentence)}`);
  if (hint !== undefined) terminal.say(`hint: ${printable(hint)}`);
  if (debug && thrown instanceof Error) terminal.say(stackOf(thrown));
  if (!quiet) terminal.say(`result: error: ${isOurs ? thrown.code : isSystem ? 'SYSTEM' : 'INTERNAL'}`);
  return exitCodeOfError(thrown);
}

/** An error that has several causes names each on a line; indented, so that no line can pass for one of ours. */
function linesOf(sentence: string): string {
  return sentence.split('\n').map(printable).join('\n  ');
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
