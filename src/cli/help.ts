import { environmentName, type Option, type Section } from '../config/index.js';
import { optionsOf, type Command, type CommandEntry } from './command.js';
import { exitCodeMeanings } from './exit-codes.js';
import { sections } from './sections.js';
import { painter, type Painter } from './terminal.js';

const listedSections: readonly (readonly [Section, string])[] = [
  ['Not here yet', 'Understood, and refused until they are served'],
  ['No effect here', 'Taken so that scripts go on working, with a note that they do nothing'],
];

/** The first page: what there is. */
export function programHelp(commands: readonly CommandEntry[], color: boolean): string {
  const paint = painter(color);
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return lines([
    'tidewaiter: nothing goes ashore uninspected. Container images and the manifests that run them: assessed and judged.',
    '',
    paint.bold('Usage'),
    '  tidewaiter COMMAND [options] [arguments]',
    '',
    paint.bold('Commands'),
    ...table(rows),
    '',
    paint.bold('Examples'),
    ...examplesOf(
      [
        { line: 'tidewaiter image --input alpine.tar', does: 'scan an archive made by docker save' },
        { line: 'tidewaiter image --input alpine.tar --severity HIGH,CRITICAL --exit-code 1', does: 'fail a build' },
        { line: 'tidewaiter ref nginx', does: 'explain an image name' },
      ],
      paint,
    ),
    '',
    ...exitCodeLines(paint),
    '',
    'tidewaiter COMMAND --help explains a command. Every option may also come from a variable (--cache-dir:',
    `${environmentName('cache-dir')}) or from tidewaiter.yaml.`,
  ]);
}

/** The page of one command. */
export function commandHelp(entry: CommandEntry, command: Command, color: boolean): string {
  const paint = painter(color);
  const usage = command.positionals.map(({ name, required, many }) => {
    const word = many ? `${name}...` : name;
    return required ? word : `[${word}]`;
  });
  const options = optionsOf(command);
  return lines([
    `tidewaiter ${entry.name}: ${entry.summary}`,
    '',
    paint.bold('Usage'),
    `  tidewaiter ${[entry.name, '[options]', ...usage].join(' ')}`,
    ...(entry.aliases.length > 0 ? [`  also: tidewaiter ${entry.aliases.join(', ')}`] : []),
    '',
    paint.bold('Examples'),
    ...examplesOf(command.examples, paint),
    ...(command.notes ?? []).flatMap((note) => ['', note]),
    ...sections.flatMap((section) => sectionLines(section, options, paint)),
    ...listedSections.flatMap(([section, heading]) => listedLines(section, heading, options, paint)),
    '',
    ...exitCodeLines(paint),
  ]);
}

function sectionLines(section: Section, options: readonly Option[], paint: Painter): string[] {
  const mine = options.filter((option) => option.section === section);
  if (mine.length === 0) return [];
  const rows = mine.map((option) => [termOf(option), describe(option)] as const);
  return ['', paint.bold(section), ...table(rows)];
}

function listedLines(section: Section, heading: string, options: readonly Option[], paint: Painter): string[] {
  const names = options.filter((option) => option.section === section).map(({ name }) => `--${name}`);
  return names.length === 0 ? [] : ['', paint.bold(heading), ...wrap(names.join(' '), 98).map((line) => `  ${line}`)];
}

function termOf({ name, short, type, valueName }: Option): string {
  const value = type === 'switch' ? '' : ` ${valueName ?? (type === 'text' ? 'value' : type)}`;
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value}`;
}

function describe({ summary, values, fallback, type }: Option): string {
  const choice = values && values.length <= 10 ? ` (${values.join(', ')})` : '';
  const telling = fallback !== undefined && fallback !== 'false' && fallback !== '0' && fallback !== values?.join(',');
  return `${summary}${choice}${telling ? ` [${type === 'switch' ? 'on; switch off with =false' : fallback}]` : ''}`;
}

function exitCodeLines(paint: Painter): string[] {
  return [paint.bold('Exit codes'), ...exitCodeMeanings.map(([code, meaning]) => `  ${code}  ${meaning}`)];
}

function examplesOf(examples: readonly { readonly line: string; readonly does: string }[], paint: Painter): string[] {
  return examples.flatMap(({ line, does }) => [`  ${line}`, `      ${paint.dim(does)}`]);
}

/** Two columns; what does not fit beside a long first cell goes on under the second. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(32, Math.max(...rows.map(([term]) => term.length)));
  return rows.flatMap(([term, text]) => {
    const wrapped = wrap(text, 100 - width - 4);
    const first =
      term.length > width
        ? [`  ${term}`, ...wrapped]
        : [`  ${term.padEnd(width)}  ${wrapped[0] ?? ''}`, ...wrapped.slice(1)];
    return first.map((line, at) => (at === 0 ? line : `${' '.repeat(width + 4)}${line}`));
  });
}

function wrap(text: string, width: number): string[] {
  const wrapped: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      wrapped.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  wrapped.push(line);
  return wrapped;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
