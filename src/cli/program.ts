import {
  ConfigError,
  environmentName,
  generalOptions,
  imageCommandOptions,
  keysWithoutEffect,
  oldNames,
  readConfigFile,
  registryFileKeys,
  resolveSettings,
  type ConfigFile,
  type ResolvedSettings,
  type Settings,
} from '../config/index.js';
import { messageOf, type Context } from '../core/index.js';
import { CliError } from './cli-error.js';
import { parseCommandLine, type ParsedLine } from './command-line.js';
import { optionsOf, type Command, type CommandContext, type CommandEntry, type Outcome } from './command.js';
import { commands } from './commands/index.js';
import { exitCodes } from './exit-codes.js';
import { findCommand, splitCommand, unknownCommand } from './find-command.js';
import { commandHelp, programHelp } from './help.js';
import { listenForInterruption, neverInterrupted, type Interruption } from './interruption.js';
import { printable } from './printable.js';
import { createProgress } from './progress.js';
import { reportError } from './report-error.js';
import { createLog, openTerminal, type Terminal } from './terminal.js';

/** Runs the program and ends the process with the exit code of what happened. */
export async function main(words: readonly string[]): Promise<void> {
  const terminal = openTerminal(process.env);
  const options = { terminal, debug: asksFor(words, 'debug', 'd'), quiet: asksFor(words, 'quiet', 'q') };
  process.on('uncaughtException', (error) => process.exit(reportError(error, options)));
  process.on('unhandledRejection', (error) => process.exit(reportError(error, options)));
  let exitCode: number;
  try {
    exitCode = await run(words, terminal);
  } catch (error) {
    exitCode = reportError(error, options);
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
  const [found, ...others] = findCommand(name);
  if (!found?.exact || others.length > 0) return await explain(name, terminal);
  const { entry, words: used } = found;
  const command = await entry.load();
  if (command.runWords) {
    const help = (): Promise<string> => Promise.resolve(commandHelp(entry, command, terminal.colors.stdout));
    return await command.runWords({ terminal, environment: process.env, help }, [...name.slice(used), ...rest]);
  }
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
  const interruption = command.serves ? neverInterrupted() : listenForInterruption();
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
  startClock(command, resolved, interruption);
  try {
    const outcome = await Promise.race([command.run(context, { positionals, settings }), interruption.gaveUp]);
    progress?.stop();
    sayResult(outcome, { terminal, quiet });
    return outcome.exitCode;
  } catch (error) {
    progress?.stop();
    if (interruption.exitCode !== undefined) {
      if (!quiet) terminal.say(`result: error: INTERRUPTED (${messageOf(interruption.signal.reason)})`);
      return interruption.exitCode;
    }
    throw interruption.signal.aborted ? interruption.signal.reason : error;
  } finally {
    interruption.dispose();
  }
}

function sayResult({ resultLine }: Outcome, to: { readonly terminal: Terminal; readonly quiet: boolean }): void {
  if (resultLine !== undefined && !to.quiet) to.terminal.say(printable(resultLine));
}

function startClock(command: Command, { settings }: ResolvedSettings, interruption: Interruption): void {
  const ms = settings.number('timeout');
  const given = settings.given('timeout');
  if (ms === undefined || (given === undefined && !command.limited)) return;
  if (ms <= 0) {
    throw new ConfigError('INVALID_VALUE', `${settings.origin('timeout')} must be more than nothing`, {
      hint: 'write it like 90s, 5m or 1h30m',
    });
  }
  interruption.limit(ms, given === undefined ? '5 minutes' : `${ms / 1000} s (${given.origin})`);
}

async function resolve(command: Command, line: ParsedLine): Promise<ResolvedSettings> {
  const known = {
    options: optionsOf(command),
    oldNames: command.oldNames ?? [],
    keysWithoutEffect,
    fileKeys: registryFileKeys.map(({ key }) => key),
  };
  const environment = process.env;
  const first = resolveSettings({ options: generalOptions, oldNames: [] }, { commandLine: line.given, environment });
  const file = await configFileOf(first.settings);
  const otherKeys = [...imageCommandOptions, ...oldNames].flatMap(({ key }) => key ?? []);
  const resolved = resolveSettings({ ...known, otherKeys }, { commandLine: line.given, environment, configFile: file });
  return file ? { ...resolved, notes: [`settings are taken from ${file.path}`, ...resolved.notes] } : resolved;
}

/** A file that was named must exist; otherwise ours is read, or else the one that Trivy's users have. */
async function configFileOf(settings: Settings): Promise<ConfigFile | undefined> {
  const path = settings.text('config');
  if (path === undefined) return undefined;
  if (settings.given('config') !== undefined) return await readConfigFile(path, { required: true });
  return (await readConfigFile(path, { required: false })) ?? (await readConfigFile('trivy.yaml', { required: false }));
}

async function runWithoutCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  // The settings are those of a scan.
  if (words.includes('--generate-default-config')) return await run(['image', ...words], terminal);
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
  if (found.length === 1 && only && (only.exact || name.length === 1)) {
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

async function commandNamed(name: string): Promise<Command> {
  const entry = commands.find((candidate) => candidate.name === name);
  if (!entry) throw new CliError('UNKNOWN_COMMAND', `there is no command ${name}`);
  return await entry.load();
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
  throw new CliError('TOO_MANY_ARGUMENTS', `tidewaiter ${entry.name} ${strayWords(command, given)}`, {
    hint: `see tidewaiter ${entry.name} --help`,
  });
}

/** Where secrets are options, a word too many may be one. */
function strayWords({ options, positionals }: Command, given: readonly string[]): string {
  const extra = given[positionals.length] ?? '';
  if (options.every(({ exposed }) => exposed === undefined))
    return `does not know what to do with "${extra.slice(0, 60)}"`;
  const before = positionals.length === 0 ? undefined : given[positionals.length - 1];
  if (before === undefined) return 'takes options only, and a word stands among them';
  return `does not know what to do with the word after "${before.slice(0, 60)}"`;
}
