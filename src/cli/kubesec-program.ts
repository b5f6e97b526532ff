import type { WordsContext } from './command.js';
import { refuse, usageOf } from './kubesec-failure.js';
import { KubesecUsage, parseKubesecWords, type KubesecSubcommand, type KubesecWords } from './kubesec-flags.js';
import { version } from './version.js';

/** Runs kubesec's command line: its errors are on standard output, capitalised, and its exit codes are its own. */
export async function runKubesec(context: WordsContext, words: readonly string[]): Promise<number> {
  const { terminal } = context;
  const [subcommand, ...rest] = words;
  switch (subcommand) {
    case undefined:
    case 'help':
    case '-h':
    case '--help':
      await terminal.write(await context.help());
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
      return await refuse(context, error.slice(0, 200), isFlag ? await context.help() : undefined);
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
