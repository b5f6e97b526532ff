import {
  closest,
  ConfigError,
  environmentName,
  generalOptions,
  imageCommandOptions,
  readConfigFile,
  resolveSettings,
  type ResolvedSettings,
} from '../config/index.js';
import { isTidewaiterError, messageOf, type Context } from '../core/index.js';
import { CliError } from './cli-error.js';
import { parseCommandLine, type ParsedLine } from './command-line.js';
import { optionsOf, type Command, type CommandContext, type CommandEntry, type Outcome } from './command.js';
import { commands } from './commands/index.js';
import { exitCodeOfError, exitCodes } from './exit-codes.js';
import { commandHelp, programHelp } from './help.js';
import { listenForInterruption, type Interruption } from './interruption.js';
import { printable } from './printable.js';
import { createProgress } from './progress.js';
import { createLog, openTerminal, painter, type Terminal } from './terminal.js';

/** Runs the program and ends the process with the exit code of what happened. */
export async function main(words: readonly string[]): Promise<void> {
  const terminal = openTerminal(process.env);
  const options = { terminal, debug: asksFor(words, 'debug', 'd'), quiet: asksFor(words, 'quiet', 'q') };
  process.on('uncaughtException', (error) => process.exit(report(error, options)));
  process.on('unhandledRejection', (error) => process.exit(report(error, options)));
  let exitCode: number;
  try {
    exitCode = await run(words, terminal);
  } catch (error) {
    exitCode = report(error, options);
  }
  await terminal.write('');
  process.exit(exitCode);
}

/** Asked of the bare words, because the settings may be what is wrong. */
function asksFor(words: readonly string[], name: string, short: string): boolean {
  if (words.some((word) => word === `--${name}` || word === `--${name}=true` || word === `-${short}`)) return true;
  return /^(?:1|t|true)$/i.test(process.env[environmentName(name)] ?? '');
}

async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const { name, rest } = splitCommand(words);
  if (name.length === 0) return await runWithoutCommand(rest, terminal);
  if (name[0] === 'help') return await explain(name.slice(1), terminal);
  const found = findCommand(name);
  if (found.length !== 1) return await explain(name, terminal);
  const [{ entry, words: used }] = found as [FoundCommand];
  const command = await entry.load();
  const line = parseCommandLine([...name.slice(used), ...rest], optionsOf(command), command.oldNames ?? []);
  if (line.help) {
    await terminal.write(commandHelp(entry, command, terminal.colors.stdout));
    return exitCodes.pass;
  }
  const resolved = await resolve(command, line);
  if (resolved.settings.isOn('version')) return await runCommand(await commandNamed('version'), resolved, [], terminal);
  checkPositionals(entry, command, line.positionals);
  return await runCommand(command, resolved, line.positionals, terminal);
}

async function runCommand(
  command: Command,
  resolved: ResolvedSettings,
  positionals: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { settings, warnings, notes } = resolved;
  const quiet = settings.isOn('quiet');
  const log = createLog(terminal, { quiet, debug: settings.isOn('debug') });
  for (const warning of warnings) log('warn', warning);
  for (const note of notes) log('info', `note: ${note}`);
  const interruption = listenForInterruption();
  const shows = terminal.stderrIsTerminal && !quiet && !settings.isOn('no-progress');
  const progress = shows ? createProgress(terminal) : undefined;
  const context: CommandContext = {
    signal: interruption.signal,
    log,
    now: () => new Date(),
    ...(progress ? { progress: (step: Parameters<NonNullable<Context['progress']>>[0]) => progress.update(step) } : {}),
    terminal,
    environment: process.env,
  };
  startClock(resolved, interruption);
  try {
    const outcome = await Promise.race([command.run(context, { positionals, settings }), interruption.gaveUp]);
    progress?.stop();
    sayResult(outcome, { terminal, quiet });
    return outcome.exitCode;
  } catch (error) {
    progress?.stop();
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    throw interruption.signal.aborted ? interruption.signal.reason : error;
  } finally {
    interruption.dispose();
  }
}

function sayResult({ resultLine }: Outcome, to: { readonly terminal: Terminal; readonly quiet: boolean }): void {
  if (resultLine !== undefined && !to.quiet) to.terminal.say(printable(resultLine));
}

function startClock({ settings }: ResolvedSettings, interruption: Interruption): void {
  const ms = settings.number('timeout');
  if (ms === undefined) return;
  const given = settings.given('timeout');
  if (ms <= 0) {
    throw new ConfigError('INVALID_VALUE', `${settings.origin('timeout')} must be more than nothing`, {
      hint: 'write it like 90s, 5m or 1h30m',
    });
  }
  interruption.limit(ms, given === undefined ? '5 minutes' : `${ms / 1000} s (${given.origin})`);
}

async function resolve(command: Command, line: ParsedLine): Promise<ResolvedSettings> {
  const known = { options: optionsOf(command), oldNames: command.oldNames ?? [] };
  const environment = process.env;
  const first = resolveSettings({ options: generalOptions, oldNames: [] }, { commandLine: line.given, environment });
  const path = first.settings.text('config');
  const file =
    path === undefined
      ? undefined
      : await readConfigFile(path, { required: first.settings.given('config') !== undefined });
  const otherKeys = imageCommandOptions.flatMap(({ key }) => key ?? []);
  const resolved = resolveSettings({ ...known, otherKeys }, { commandLine: line.given, environment, configFile: file });
  return file ? { ...resolved, notes: [`settings are taken from ${file.path}`, ...resolved.notes] } : resolved;
}

async function runWithoutCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const command = await commandNamed('version');
  const line = parseCommandLine(words, optionsOf(command), []);
  if (line.given.some(({ name, text }) => name === 'version' && text === 'true')) {
    return await runCommand(command, await resolve(command, line), [], terminal);
  }
  await terminal.write(programHelp(commands, terminal.colors.stdout));
  return exitCodes.pass;
}

/** The help page of a command, of a family of commands (`db`), or of the program. */
async function explain(name: readonly string[], terminal: Terminal): Promise<number> {
  if (name.length === 0) {
    await terminal.write(programHelp(commands, terminal.colors.stdout));
    return exitCodes.pass;
  }
  const found = findCommand(name);
  const [only] = found;
  if (found.length === 1 && only) {
    await terminal.write(commandHelp(only.entry, await only.entry.load(), terminal.colors.stdout));
    return exitCodes.pass;
  }
  if (found.length > 1 && name.length === 1) {
    await terminal.write(
      programHelp(
        found.map(({ entry }) => entry),
        terminal.colors.stdout,
      ),
    );
    return exitCodes.pass;
  }
  throw unknownCommand(
    name,
    found.map(({ entry }) => entry),
  );
}

interface FoundCommand {
  readonly entry: CommandEntry;
  /** How many of the words name it. */
  readonly words: number;
}

/** The command that the words begin with; several when they name a family only. */
function findCommand(name: readonly string[]): readonly FoundCommand[] {
  const [first = '', second] = name;
  const exact = commands.filter((entry) => entry.name === first || entry.aliases.includes(first));
  if (exact.length > 0) return exact.map((entry) => ({ entry, words: 1 }));
  const family = commands.filter((entry) => entry.name.startsWith(`${first} `));
  const member = family.filter((entry) => entry.name === `${first} ${second ?? ''}`);
  return (member.length > 0 ? member : family).map((entry) => ({ entry, words: 2 }));
}

async function commandNamed(name: string): Promise<Command> {
  const entry = commands.find((candidate) => candidate.name === name);
  if (!entry) throw new CliError('UNKNOWN_COMMAND', `there is no command ${name}`);
  return await entry.load();
}

function unknownCommand(name: readonly string[], family: readonly CommandEntry[]): CliError {
  const wanted = family.length > 0 ? name.slice(0, 2).join(' ') : (name[0] ?? '');
  const clipped = wanted.length > 60 ? `${wanted.slice(0, 57)}...` : wanted;
  const names =
    family.length > 0 ? family.map((entry) => entry.name) : commands.flatMap((entry) => [...entry.aliases, entry.name]);
  const words = family.length > 0 ? names : [...names, ...names.map((word) => word.split(' ')[0] ?? '')];
  const meant = closest(
    wanted,
    words.filter((word) => word.length > 1),
  );
  return new CliError('UNKNOWN_COMMAND', `there is no command ${clipped}`, {
    hint: meant === undefined ? 'tidewaiter --help lists the commands' : `did you mean tidewaiter ${meant}?`,
  });
}

/** The words that may name a command, and everything else; general options may stand before it. */
function splitCommand(words: readonly string[]): {
  readonly name: readonly string[];
  readonly rest: readonly string[];
} {
  const takesNext = new Set(
    [...generalOptions, { name: 'cacert', type: 'text' as const, short: undefined }]
      .filter(({ type }) => type !== 'switch')
      .flatMap(({ name, short }) => (short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`])),
  );
  const before: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') break;
    before.push(word);
    if (takesNext.has(word) && at + 1 < words.length) before.push(words[++at] ?? '');
  }
  const first = words[at];
  if (first === undefined) return { name: [], rest: before };
  // `db build`: the second word belongs to the name only directly after the first.
  const isFamily = first === 'help' || commands.some((entry) => entry.name.startsWith(`${first} `));
  const length = isFamily && !(words[at + 1] ?? '-').startsWith('-') ? 2 : 1;
  const more = first === 'help' ? words.slice(at + length, at + 3).filter((word) => !word.startsWith('-')) : [];
  return { name: [...words.slice(at, at + length), ...more], rest: [...before, ...words.slice(at + length)] };
}

function checkPositionals(entry: CommandEntry, command: Command, given: readonly string[]): void {
  const required = command.positionals.filter((positional) => positional.required);
  const missing = required[given.length];
  if (missing) {
    throw new CliError('MISSING_ARGUMENT', `tidewaiter ${entry.name} needs ${missing.name}`, {
      hint: `see tidewaiter ${entry.name} --help`,
    });
  }
  const takesMany = command.positionals.some(({ many }) => many);
  const extra = given[command.positionals.length];
  if (takesMany || extra === undefined) return;
  throw new CliError(
    'TOO_MANY_ARGUMENTS',
    `tidewaiter ${entry.name} does not know what to do with "${extra.slice(0, 60)}"`,
    {
      hint: `see tidewaiter ${entry.name} --help`,
    },
  );
}

interface ReportOptions {
  readonly terminal: Terminal;
  readonly debug: boolean;
  readonly quiet: boolean;
}

/** Says what was thrown in one sentence, with what to do about it; gives the exit code. */
function report(thrown: unknown, options: ReportOptions): number {
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
  terminal.say(`${paint.red('error:')} ${printable(sentence)}`);
  if (hint !== undefined) terminal.say(`hint: ${printable(hint)}`);
  if (debug && thrown instanceof Error) terminal.say(stackOf(thrown));
  if (!quiet) terminal.say(`result: error: ${isOurs ? thrown.code : isSystem ? 'SYSTEM' : 'INTERNAL'}`);
  return exitCodeOfError(thrown);
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
