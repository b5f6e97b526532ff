import type { WordsContext } from './command.js';
import { kubesecFlags, type KubesecSubcommand } from './kubesec-flags.js';

/** The exit code of kubesec when it could report nothing. */
const failure = 1;

/** A command line that cannot be run: on standard error as well, with the usage. */
export async function refuse({ terminal }: WordsContext, error: string, usage: string | undefined): Promise<number> {
  terminal.say(`Error: ${error}`);
  if (usage !== undefined) terminal.say(usage);
  return await sayFailure(terminal, error);
}

/** The one line that says why nothing is reported. */
export async function sayFailure(terminal: WordsContext['terminal'], error: string): Promise<number> {
  await terminal.write(`${error.charAt(0).toUpperCase()}${error.slice(1)}\n`);
  return failure;
}

/** The usage text of a subcommand. */
export function usageOf(subcommand: KubesecSubcommand): string {
  const flags = kubesecFlags.filter(({ on }) => on.includes(subcommand));
  const spelt = flags.map(({ name, short, type, valueName }) => {
    const letter = short === undefined ? '    ' : `-${short}, `;
    return `  ${letter}--${name}${type === 'switch' ? '' : ` ${valueName ?? type}`}`;
  });
  const width = Math.max(...spelt.map(({ length }) => length));
  const operands = { scan: '[file...] ', http: '[[ip:]port] ', 'print-rules': '' }[subcommand];
  return [
    'Usage:',
    `  tidewaiter kubesec ${subcommand} ${operands}[flags]`,
    '',
    'Flags:',
    ...flags.map(({ summary }, at) => `${(spelt[at] ?? '').padEnd(width)}   ${summary}`),
  ].join('\n');
}
