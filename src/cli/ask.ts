import type { ReadStream } from 'node:tty';
import type { CancelSignal } from '../core/index.js';
import { CliError } from './cli-error.js';

/** Longest answer; more is no name and no password. */
const maxLength = 16 * 1024;
const interruptKey = '\u0003';

/** Can somebody be asked? Standard output may go elsewhere; the question stands on standard error. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks for one line on the terminal; what is typed does not appear if it is `hidden`.
 * @throws CliError `MISSING_ARGUMENT` when the terminal ends without an answer, `INTERRUPTED`.
 */
export async function ask(
  question: string,
  options: { readonly hidden: boolean; readonly signal: CancelSignal },
): Promise<string> {
  const { stdin } = process;
  stdin.setRawMode(true);
  process.stderr.write(question);
  stdin.setEncoding('utf8');
  try {
    return await readLine(stdin, options);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write('\n');
  }
}

/** The terminal is raw, so that nothing appears: its own keys are ours to obey. */
async function readLine(
  stdin: ReadStream,
  { hidden, signal }: { readonly hidden: boolean; readonly signal: CancelSignal },
): Promise<string> {
  const typed: string[] = [];
  for await (const piece of stdin.iterator({ destroyOnReturn: false })) {
    const keys = Array.from(String(piece));
    for (const [at, key] of keys.entries()) {
      if (key === '\r' || key === '\n') {
        // Typed ahead: the next question's answer.
        const rest = keys
          .slice(at + 1)
          .join('')
          .replace(/^\n/, '');
        if (rest !== '') stdin.unshift(rest, 'utf8');
        return typed.join('');
      }
      if (key === interruptKey) return await interrupted(signal);
      if (key === '\u0004' && typed.length === 0) throw noAnswer();
      if (key === '\u007f' || key === '\b') erase(typed, hidden);
      else if (key === '\u0015') while (typed.length > 0) erase(typed, hidden);
      else if (key >= ' ' && typed.length < maxLength) {
        typed.push(key);
        if (!hidden) process.stderr.write(key);
      }
    }
  }
  throw noAnswer();
}

function erase(typed: string[], hidden: boolean): void {
  if (typed.pop() !== undefined && !hidden) process.stderr.write('\b \b');
}

function noAnswer(): CliError {
  return new CliError('MISSING_ARGUMENT', 'nothing was typed', { hint: 'see --help for other ways to give it' });
}

/** As if the terminal had sent the signal itself. */
async function interrupted(signal: CancelSignal): Promise<never> {
  process.kill(process.pid, 'SIGINT');
  for (let wait = 0; wait < 100 && !signal.aborted; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  throw new CliError('INTERRUPTED', 'stopped by SIGINT');
}
