import { closest, generalOptions } from '../config/index.js';
import { CliError } from './cli-error.js';
import type { CommandEntry } from './command.js';
import { commands } from './commands/index.js';

export interface FoundCommand {
  readonly entry: CommandEntry;
  /** How many of the words name it. */
  readonly words: number;
  /** False where only the name of its family stands there. */
  readonly exact: boolean;
}

/** The command that the words begin with; several when they name a family only. */
export function findCommand(name: readonly string[]): readonly FoundCommand[] {
  const [first = '', second] = name;
  const family = commands.filter((entry) => entry.name.startsWith(`${first} `));
  const member = family.filter((entry) => entry.name === `${first} ${second ?? ''}`);
  if (member.length > 0) return member.map((entry) => ({ entry, words: 2, exact: true }));
  const exact = commands.filter((entry) => entry.name === first || entry.aliases.includes(first));
  if (exact.length > 0) return exact.map((entry) => ({ entry, words: 1, exact: true }));
  return family.map((entry) => ({ entry, words: 2, exact: false }));
}

/** The error for words that name no command, with the nearest one. */
export function unknownCommand(name: readonly string[], family: readonly CommandEntry[]): CliError {
  const wanted = family.length > 0 ? name.slice(0, 2).join(' ') : (name[0] ?? '');
  const clipped = wanted.length > 60 ? `${wanted.slice(0, 57)}...` : wanted;
  const names =
    family.length > 0 ? family.map((entry) => entry.name) : commands.flatMap((entry) => [...entry.aliases, entry.name]);
  const words = family.length > 0 ? names : [...names, ...names.map((word) => word.split(' ')[0] ?? '')];
  const near = closest(
    wanted,
    words.filter((word) => word.length > 1),
  );
  const meant = near ?? (family.length === 1 ? family[0]?.name : undefined);
  return new CliError('UNKNOWN_COMMAND', `there is no command ${clipped}`, {
    hint: meant === undefined ? 'tidewaiter --help lists the commands' : `did you mean tidewaiter ${meant}?`,
  });
}

/** The words that may name a command, and everything else; general options may stand before it. */
export function splitCommand(words: readonly string[]): {
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
