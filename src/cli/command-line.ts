import { Command as Parser, CommanderError, Option as ParserOption } from 'commander';
import { closest, type GivenOption, type OldName, type Option } from '../config/index.js';
import { CliError } from './cli-error.js';

/** The words after a command's name, told apart. */
export interface ParsedLine {
  readonly given: readonly GivenOption[];
  readonly positionals: readonly string[];
  readonly help: boolean;
}

type Known = Pick<Option | OldName, 'name' | 'type'> & Partial<Pick<Option, 'short' | 'bare'>>;

/**
 * Reads options anywhere between the positionals, as `--name value`, `--name=value`, `-nvalue`, `-n=value`; switches
 * also as `--name=false`. After `--` everything is a positional.
 * @throws CliError `UNKNOWN_OPTION` with the nearest name, `MISSING_ARGUMENT` for an option without its value.
 */
export function parseCommandLine(
  words: readonly string[],
  options: readonly Option[],
  oldNames: readonly OldName[],
): ParsedLine {
  const known: readonly Known[] = [
    ...options,
    ...oldNames.filter(({ variableOnly }) => !variableOnly),
    { name: 'help', short: 'h', type: 'switch' },
  ];
  const given: GivenOption[] = [];
  const parser = new Parser()
    .exitOverride()
    .configureOutput({ writeErr() {}, writeOut() {} })
    .helpOption(false);
  for (const option of known) declare(parser, option, given);
  const { operands, unknown } = read(parser, spellOutValues(words, known));
  const help = given.some(({ name, text }) => name === 'help' && text === 'true');
  const stray = unknown[0];
  if (stray !== undefined && !help) throw unknownOption(stray, known);
  return { given: given.filter(({ name }) => name !== 'help'), positionals: operands, help };
}

function declare(parser: Parser, { name, short, type }: Known, given: GivenOption[]): void {
  const record = (text: string | null | undefined): void => {
    given.push({ name, text: typeof text === 'string' ? text : 'true' });
  };
  const dash = short === undefined ? '' : `-${short}, `;
  parser.addOption(new ParserOption(`${dash}--${name}${type === 'switch' ? '' : ' <value>'}`));
  parser.on(`option:${name}`, record);
  if (type !== 'switch') return;
  parser.addOption(new ParserOption(`--${valuePrefix}${name} <value>`));
  parser.on(`option:${valuePrefix}${name}`, record);
}

const valuePrefix = 'value-of-';

/** The parser knows no `--switch=false` and no `-n=value`: the first becomes an option of its own, the second `-nvalue`. */
function spellOutValues(words: readonly string[], known: readonly Known[]): string[] {
  const switches = new Set(known.filter(({ type }) => type === 'switch').map(({ name }) => name));
  const valued = known.filter(({ type }) => type !== 'switch');
  const aloneValues = new Map<string, string>(
    valued.flatMap(({ name, bare }) => (bare === undefined ? [] : [[`--${name}`, bare] as const])),
  );
  const takesNext = new Set(
    valued
      .filter((one) => one.bare === undefined)
      .flatMap(({ name, short }) => (short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`])),
  );
  const spelt: string[] = [];
  let isValue = false;
  for (const [at, word] of words.entries()) {
    if (!isValue && word === '--') return [...spelt, ...words.slice(at)];
    const equals = word.indexOf('=');
    const isSwitch = !isValue && equals > 0 && word.startsWith('--') && switches.has(word.slice(2, equals));
    const alone = isValue ? undefined : aloneValues.get(word);
    if (alone !== undefined) spelt.push(`${word}=${alone}`);
    else if (isSwitch) spelt.push(`--${valuePrefix}${word.slice(2)}`);
    else if (!isValue && equals === 2 && takesNext.has(word.slice(0, 2))) spelt.push(word.slice(0, 2), word.slice(3));
    else spelt.push(word);
    isValue = !isValue && takesNext.has(word);
  }
  return spelt;
}

function read(parser: Parser, words: string[]): ReturnType<Parser['parseOptions']> {
  try {
    return parser.parseOptions(words);
  } catch (error) {
    if (!(error instanceof CommanderError) || error.code !== 'commander.optionMissingArgument') throw error;
    const name = `--${(/--([^\s'=]+)/.exec(error.message)?.[1] ?? '').replace(valuePrefix, '')}`;
    throw new CliError('MISSING_ARGUMENT', `${name} needs a value`, {
      hint: `write ${name} VALUE or ${name}=VALUE`,
      cause: error,
    });
  }
}

function unknownOption(word: string, known: readonly Known[]): CliError {
  const equals = word.indexOf('=');
  const option = equals < 0 ? word : word.slice(0, equals);
  const meant = closest(
    option.replace(/^-+/, ''),
    known.map(({ name }) => name),
  );
  // What follows an unknown letter may be its value, and a secret: -pPASSWORD.
  const shown = meant === undefined && !option.startsWith('--') ? option.slice(0, 2) : option;
  const clipped = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
  return new CliError('UNKNOWN_OPTION', `there is no option ${clipped}`, {
    hint: meant === undefined ? '--help lists all options' : `did you mean --${meant}?`,
  });
}
