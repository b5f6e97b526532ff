/** How the text of an option becomes a value. */
export type OptionType = 'switch' | 'list' | 'text' | 'int' | 'number' | 'duration' | 'size';

/** One option of a command, as data: the command line, the environment, the configuration file and the documents read it. */
export interface Option {
  /** Long name without dashes: `ignore-unfixed`. The environment variable follows from it. */
  readonly name: string;
  /** One letter. */
  readonly short?: string | undefined;
  readonly type: OptionType;
  /** As the user would write it; absent: none. */
  readonly fallback?: string | undefined;
  /** Every value (of a list: every element) that is understood; absent: any. */
  readonly values?: readonly string[] | undefined;
  /** Values that are understood and refused: why, as the rest of a sentence that begins with the value. */
  readonly refusedValues?: Readonly<Record<string, string>> | undefined;
  /** Least and greatest number. */
  readonly range?: readonly [number, number] | undefined;
  /** The value that it has when it stands without one; a value is then only what follows a `=`. */
  readonly bare?: string | undefined;
  /** Dotted path in the configuration file; absent: not read from the file or the environment. */
  readonly key?: string | undefined;
  /** Read from the environment even without a `key`. */
  readonly inEnvironment?: boolean | undefined;
  /** `noted`: taken, checked, and said to have no effect. `refused`: an error, whatever its value. */
  readonly group: 'works' | 'noted' | 'refused';
  /** What it does, or would do; one clause. */
  readonly summary: string;
  /** Noted: why it has no effect. Refused: what to use instead. One clause. */
  readonly sentence?: string | undefined;
  /** A secret, which others can see on the command line: what to use instead, as a clause. */
  readonly exposed?: string | undefined;
  /** Heading of the help text. */
  readonly section: Section;
  /** Word for the value in the help text. */
  readonly valueName?: string | undefined;
}

export type Section =
  | 'Image'
  | 'Report'
  | 'Selection'
  | 'Fixes'
  | 'Database'
  | 'Registry'
  | 'Secret'
  | 'Control plane'
  | 'Admission'
  | 'Break-glass'
  | 'Browser page'
  | 'Policy engine'
  | 'General'
  | 'Not here yet'
  | 'No effect here';

/** A former or hidden name of an option. */
export interface OldName {
  readonly name: string;
  readonly type: 'switch' | 'list' | 'text';
  /** The option it stands for. */
  readonly to?: string | undefined;
  /** The value that it sets there, for switches that stand for a value. */
  readonly value?: string | undefined;
  /** Only its variable was ever known. */
  readonly variableOnly?: boolean | undefined;
  /** Say the new name when it is used. */
  readonly warns: boolean;
  /** It has gone: what to use instead. */
  readonly gone?: string | undefined;
  /** It has no effect: why. */
  readonly noted?: string | undefined;
  /** Former path in the configuration file. */
  readonly key?: string | undefined;
}

/** `TIDEWAITER_` and the name in upper case with underscores. */
export function environmentName(name: string): string {
  return `TIDEWAITER_${name.toUpperCase().replaceAll('-', '_')}`;
}
