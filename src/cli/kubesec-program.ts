import {
  kubesecFlags,
  KubesecUsage,
  parseKubesecWords,
  type KubesecSubcommand,
  type KubesecWords,
} from './kubesec-flags.js';
import type { WordsContext } from './command.js';
import { version } from './version.js';

/** The exit code of kubesec when it could report nothing. */
const failure = 1;

/** Runs kubesec's command line: its errors are on standard output, capitalised, and its exit codes are its own. */
export async function runKubesec(context: WordsContext, words: readonly string[]): Promise<number> {
  const { terminal } = context;
  const [subcommand, ...rest] = words;
  switch (subcommand) {
    case undefined:
    case 'help':
    case '-h':
    case '--help':
      await terminal.write(context.help());
      return 0;
    case 'version':
      await terminal.write(`version ${version}\ngit commit unknown\nbuild date unknown\n`);
      return 0;
    case 'scan':
    case 'http':
    case 'print-rules':
      return await runSubcommand(context, subcommand, rest);
    default: {
      const isFlag = subcommand.startsWith('-');
      const error = isFlag
        ? `unknown ${subcommand.startsWith('--') ? `flag: ${subcommand}` : `shorthand flag: '${subcommand.charAt(1)}' in ${subcommand}`}`
        : `unknown command ${JSON.stringify(subcommand)} for "kubesec"`;
      return await refuse(context, error.slice(0, 200), isFlag ? context.help() : undefined);
    }
  }
}

async function runSubcommand(
  context: WordsContext,
  subcommand: KubesecSubcommand,
  words: readonly string[],
): Promise<number> {
  let parsed: KubesecWords;
  try {
    parsed = parseKubesecWords(words, subcommand);
    if (!parsed.help && subcommand === 'scan' && parsed.operands.length === 0) {
      throw new KubesecUsage('file path is required');
    }
  } catch (error) {
    if (!(error instanceof KubesecUsage)) throw error;
    return await refuse(context, error.message, usageOf(subcommand));
  }
  if (parsed.help) {
    await context.terminal.write(`${usageOf(subcommand)}\n`);
    return 0;
  }
  const compat = parsed.text('compat');
  if (subcommand !== 'print-rules' && compat !== 'default' && compat !== 'strict') {
    return await refuse(
      context,
      `invalid argument ${JSON.stringify(compat)} for "--compat" flag: default or strict`,
      usageOf(subcommand),
    );
  }
  switch (subcommand) {
    case 'scan':
      return await (await import('./kubesec-scan.js')).scanCommand(
        context,
        parsed,
        compat === 'strict' ? 'strict' : 'default',
      );
    case 'http':
      return await (await import('./kubesec-http.js')).httpCommand(
        context,
        parsed,
        compat === 'strict' ? 'strict' : 'default',
      );
    default:
      return await (await import('./kubesec-rules.js')).printRules(context, parsed);
  }
}

/** A command line that cannot be run: on standard error as well, with the usage. */
async function refuse({ terminal }: WordsContext, error: string, usage: string | undefined): Promise<number> {
  terminal.say(`Error: ${error}`);
  if (usage !== undefined) terminal.say(usage);
  return await sayFailure(terminal, error);
}

/** The one line that says why nothing is reported. */
export async function sayFailure(terminal: WordsContext['terminal'], error: string): Promise<number> {
  await terminal.write(`${error.charAt(0).toUpperCase()}${error.slice(1)}\n`);
  return failure;
}

function usageOf(subcommand: KubesecSubcommand): string {
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
