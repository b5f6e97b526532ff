import type { Settings } from '../config/index.js';
import type { CommandContext, Outcome } from './command.js';
import { stdinName } from './manifest-files.js';
import { diffOf, mendFiles, writeMended, type MendedFile } from './manifest-fixes.js';
import { outcomeOf, printManifests, type Judge } from './manifest-run.js';
import { writeOutput } from './output.js';

/**
 * `--fix` and `--diff`: what can be mended is, in the files or on paper; the report that follows is of what is left. Where
 * standard output has the diff, or the mended standard input, the report goes to `--output` only.
 */
export async function runFixes(context: CommandContext, settings: Settings, judge: Judge): Promise<Outcome> {
  const isDiff = settings.isOn('diff');
  const before = await judge({ keepStdin: true, isRepeated: true });
  const { terminal } = context;
  let mended = 0;
  let files = 0;
  let stdin = before.stdin;
  for (const file of mendFiles(before.result.report.findings, before.stdin)) {
    mended += file.mended;
    sayRefused(context, file);
    if (file.after === file.before) continue;
    files++;
    if (isDiff) await terminal.write(diffOf(file));
    else if (file.name === stdinName) stdin = file.after;
    else writeMended(file);
    context.signal.throwIfAborted();
  }
  const words = `${mended} ${mended === 1 ? 'finding' : 'findings'} in ${files} ${files === 1 ? 'file' : 'files'}`;
  context.log('info', isDiff ? `--fix would mend ${words}` : `mended ${words}`);
  const after = isDiff ? before : await judge({ stdin });
  const takesStdout = isDiff || stdin !== undefined;
  if (!isDiff && stdin !== undefined) await writeOutput([stdin], undefined, terminal);
  if (!takesStdout || settings.text('output') !== undefined) await printManifests(context, settings, after.result);
  return outcomeOf(after.result, settings);
}

function sayRefused(context: CommandContext, { name, refused }: MendedFile): void {
  const shown = 20;
  for (const { finding, reason } of refused.slice(0, shown)) {
    context.log('warn', `${name}:${finding.place.line}: ${finding.rule} is not mended: ${reason}`);
  }
  if (refused.length > shown) context.log('warn', `${name}: ${refused.length - shown} more findings are not mended`);
}
