import { runKubesec } from './kubesec-program.js';
import { openTerminal } from './terminal.js';

/** Runs `kubesec` and ends the process, without what only the other commands need. */
export async function kubesecMain(words: readonly string[]): Promise<void> {
  const terminal = openTerminal(process.env);
  let exitCode: number;
  try {
    exitCode = await runKubesec(
      { terminal, environment: process.env, help: () => help(terminal.colors.stdout) },
      words,
    );
  } catch (error) {
    const { reportError } = await import('./report-error.js');
    exitCode = reportError(error, { terminal, debug: words.includes('--debug'), quiet: false });
  }
  await terminal.write('');
  process.exit(exitCode);
}

async function help(color: boolean): Promise<string> {
  const [{ commandHelp }, { commands }] = await Promise.all([import('./help.js'), import('./commands/index.js')]);
  const entry = commands.find(({ name }) => name === 'kubesec');
  return entry ? commandHelp(entry, await entry.load(), color) : '';
}
