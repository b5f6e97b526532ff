import { generalOptions, type OldName, type Option, type Settings } from '../config/index.js';
import type { Context } from '../core/index.js';
import type { Terminal } from './terminal.js';

/** A command as the list of commands knows it, before its file is loaded. */
export interface CommandEntry {
  /** One word, or two: `db build`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  load(): Promise<Command>;
}

export interface Command {
  readonly positionals: readonly Positional[];
  /** Its own options; the general ones are added. */
  readonly options: readonly Option[];
  readonly oldNames?: readonly OldName[] | undefined;
  /** The default time limit holds for it; otherwise only one that was given. */
  readonly limited?: boolean | undefined;
  /** It serves until a signal comes, and listens to signals itself. */
  readonly serves?: boolean | undefined;
  readonly examples: readonly Example[];
  /** Lines of the help text below the examples. */
  readonly notes?: readonly string[] | undefined;
  run(context: CommandContext, args: CommandArguments): Promise<Outcome>;
  /** Takes its words as another program's command line does, with that one's errors and exit codes, which it gives. */
  runWords?(context: WordsContext, words: readonly string[]): Promise<number>;
}

export interface WordsContext {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The page that `--help` prints. */
  help(): Promise<string>;
}

export interface Positional {
  /** In capitals, as the help text shows it. */
  readonly name: string;
  readonly required: boolean;
  /** Takes all the words that are left. */
  readonly many?: boolean | undefined;
}

export interface Example {
  readonly line: string;
  readonly does: string;
}

export interface CommandArguments {
  readonly positionals: readonly string[];
  readonly settings: Settings;
}

/** What a command is given: the context of every operation, and the process's own side. */
export interface CommandContext extends Context {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Outcome {
  readonly exitCode: number;
  /** Last line on standard error: `result: ` and one clause with the cause. */
  readonly resultLine?: string | undefined;
}

/** Its own options, and the general ones where it has none of the name. */
export function optionsOf(command: Command): readonly Option[] {
  const own = new Set(command.options.map(({ name }) => name));
  return [...command.options, ...generalOptions.filter(({ name }) => !own.has(name))];
}
