/** One flag of kubesec's command line, or of ours beside it. */
export interface KubesecFlag {
  readonly name: string;
  readonly short?: string | undefined;
  readonly type: 'switch' | 'text' | 'int' | 'list';
  readonly fallback?: string | undefined;
  readonly valueName?: string | undefined;
  readonly summary: string;
  readonly on: readonly KubesecSubcommand[];
}

export type KubesecSubcommand = 'scan' | 'http' | 'print-rules';

/** Every flag; a name may stand twice, for different subcommands. */
export const kubesecFlags: readonly KubesecFlag[] = [
  {
    name: 'format',
    short: 'f',
    type: 'text',
    fallback: 'json',
    valueName: 'format',
    summary: 'json or table; print-rules also yaml',
    on: ['scan', 'print-rules'],
  },
  {
    name: 'template',
    short: 't',
    type: 'text',
    valueName: 'text',
    summary: 'refused: Go templates are not run',
    on: ['scan'],
  },
  {
    name: 'rules',
    short: 'r',
    type: 'list',
    valueName: 'ids',
    summary: 'only these rules; comma-separated, may be repeated',
    on: ['scan'],
  },
  {
    name: 'output',
    short: 'o',
    type: 'text',
    valueName: 'file',
    summary: 'write the output to this file, too',
    on: ['scan'],
  },
  {
    name: 'exit-code',
    type: 'int',
    fallback: '2',
    valueName: 'number',
    summary: 'exit code when a score is 0 or less',
    on: ['scan'],
  },
  { name: 'absolute-path', type: 'switch', summary: 'name files by their absolute path', on: ['scan'] },
  {
    name: 'kubernetes-version',
    type: 'text',
    valueName: 'x.y.z',
    summary: 'version of the schemas; the nearest that is here is taken',
    on: ['scan', 'http'],
  },
  {
    name: 'schema-location',
    type: 'list',
    valueName: 'places',
    summary: 'folders or files of JSON schemas instead of those inside the package',
    on: ['scan', 'http'],
  },
  { name: 'no-validate', type: 'switch', summary: 'score objects without checking them against schemas', on: ['scan'] },
  {
    name: 'ignore-missing-schemas',
    type: 'switch',
    summary: 'score objects of kinds that have no schema',
    on: ['scan'],
  },
  {
    name: 'compat',
    type: 'text',
    fallback: 'default',
    valueName: 'mode',
    summary: "strict: with every mistake of the original's",
    on: ['scan', 'http'],
  },
  { name: 'keypath', short: 'k', type: 'text', valueName: 'file', summary: 'has no effect', on: ['http'] },
  { name: 'debug', type: 'switch', summary: 'a line for each rule on standard error', on: ['scan', 'http'] },
];

/** What the words of a subcommand say. */
export interface KubesecWords {
  readonly operands: readonly string[];
  readonly help: boolean;
  isOn(name: string): boolean;
  /** The last value given, or the flag's own. */
  text(name: string): string | undefined;
  /** All values, split at commas; `undefined` if the flag was not given. */
  list(name: string): readonly string[] | undefined;
}

/** A command line that cannot be read: its text is the original's, not capitalised. */
export class KubesecUsage extends Error {}

/**
 * Reads flags in the ways of Go's usual library: `--name value`, `--name=value`, `-n value`, `-nvalue`, between operands,
 * until `--`.
 * @throws KubesecUsage
 */
export function parseKubesecWords(words: readonly string[], subcommand: KubesecSubcommand): KubesecWords {
  const flags = kubesecFlags.filter(({ on }) => on.includes(subcommand));
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  let help = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    if (word === '--help' || word === '-h') {
      help = true;
      continue;
    }
    const { flag, value } = flagOf(word, flags);
    let text = value;
    if (text === undefined && flag.type === 'switch') text = 'true';
    if (text === undefined) {
      text = words[++at];
      if (text === undefined) throw new KubesecUsage(`flag needs an argument: ${spelt(word, flag)}`);
    }
    check(flag, text);
    given.set(flag.name, [...(given.get(flag.name) ?? []), text]);
  }
  return {
    operands,
    help,
    isOn: (name) => isTrue(given.get(name)?.at(-1) ?? 'false'),
    text: (name) => given.get(name)?.at(-1) ?? flags.find((flag) => flag.name === name)?.fallback,
    list: (name) => given.get(name)?.flatMap((text) => text.split(',')),
  };
}

function flagOf(word: string, flags: readonly KubesecFlag[]): { readonly flag: KubesecFlag; readonly value?: string } {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const flag = flags.find((candidate) => candidate.name === name);
    if (!flag) throw new KubesecUsage(`unknown flag: --${name.slice(0, 60)}`);
    return equals < 0 ? { flag } : { flag, value: word.slice(equals + 1) };
  }
  const letter = word.charAt(1);
  const flag = flags.find(({ short }) => short === letter);
  if (!flag) throw new KubesecUsage(`unknown shorthand flag: '${letter}' in ${word.slice(0, 60)}`);
  if (word.length === 2) return { flag };
  return { flag, value: word.slice(word.charAt(2) === '=' ? 3 : 2) };
}

function spelt(word: string, { name, short }: KubesecFlag): string {
  return word.startsWith('--') ? `--${name}` : `'${short ?? ''}' in ${word}`;
}

function check({ name, short, type }: KubesecFlag, text: string): void {
  const wrong =
    type === 'int' ? !/^[-+]?\d{1,9}$/.test(text) : type === 'switch' && !/^(?:1|t|true|0|f|false)$/i.test(text);
  if (!wrong) return;
  const parser = type === 'int' ? 'ParseInt' : 'ParseBool';
  const spelling = short === undefined ? `--${name}` : `-${short}, --${name}`;
  throw new KubesecUsage(
    `invalid argument ${JSON.stringify(text.slice(0, 60))} for "${spelling}" flag: strconv.${parser}: parsing ${JSON.stringify(text.slice(0, 60))}: invalid syntax`,
  );
}

function isTrue(text: string): boolean {
  return /^(?:1|t|true)$/i.test(text);
}
