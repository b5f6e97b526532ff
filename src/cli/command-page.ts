import { environmentName, registryFileKeys, type Option, type Section } from '../config/index.js';
import { optionsOf, type Command, type CommandEntry } from './command.js';
import { exitCodeMeanings } from './exit-codes.js';
import { sections } from './sections.js';

/** The page of a command in the documentation, as Markdown: all that the command declares, and nothing else. */
export function commandPage(entry: CommandEntry, command: Command): string {
  const options = optionsOf(command);
  const words = command.positionals.map(({ name, required, many }) => {
    const word = many ? `${name}...` : name;
    return required ? word : `[${word}]`;
  });
  return [
    `# tidewaiter ${entry.name}`,
    `Printed from the program; change the command, then run \`npm run docs\`.`,
    `${capital(entry.summary)}.`,
    `\`\`\`\ntidewaiter ${[entry.name, '[options]', ...words].join(' ')}\n\`\`\``,
    ...(entry.aliases.length > 0
      ? [`Also: ${entry.aliases.map((alias) => `\`tidewaiter ${alias}\``).join(', ')}.`]
      : []),
    '## Examples',
    command.examples.map(({ line, does }) => `\`\`\`sh\n${line}   # ${does}\n\`\`\``).join('\n\n'),
    ...(command.notes ?? []).map((note) => note.replaceAll('\n', ' ')),
    '## Options',
    'A list takes commas, or the option several times. A switch takes `=false` too. The command line goes before the variable, the variable before `tidewaiter.yaml`, that before the default.',
    ...sections.flatMap((section) => sectionTable(section, options)),
    ...refusedTable(options),
    ...notedTable(options),
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      exitCodeMeanings.map(([code, meaning]) => [String(code), capital(meaning)]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function sectionTable(section: Section, options: readonly Option[]): readonly string[] {
  const mine = options.filter((option) => option.section === section && option.group === 'works');
  if (mine.length === 0) return [];
  const rows = mine.map((option) => [
    nameOf(option),
    option.type,
    defaultOf(option),
    sourcesOf(option),
    meaningOf(option),
  ]);
  const heading = `### ${section}`;
  return [heading, table(['Option', 'Type', 'Default', 'Variable and key', 'Meaning'], rows), ...fileKeysTable(mine)];
}

/** What only the configuration file says, for commands that make connections. */
function fileKeysTable(options: readonly Option[]): readonly string[] {
  if (!options.some(({ name }) => name === 'cacert')) return [];
  const rows = registryFileKeys.map(({ key, summary }) => [`\`${key}\``, capital(summary)]);
  return ['In the configuration file only:', table(['Key', 'Meaning'], rows)];
}

function refusedTable(options: readonly Option[]): readonly string[] {
  const refused = options.filter(({ group }) => group === 'refused');
  if (refused.length === 0) return [];
  const rows = refused.map((option) => [nameOf(option), capital(option.summary), capital(option.sentence ?? '')]);
  return [
    '### Refused until they are served',
    'Exit code 2, wherever they are given.',
    table(['Option', 'Would', 'Instead'], rows),
  ];
}

function notedTable(options: readonly Option[]): readonly string[] {
  const noted = options.filter(({ group }) => group === 'noted');
  if (noted.length === 0) return [];
  const rows = noted.map((option) => [nameOf(option), capital(option.summary), capital(option.sentence ?? '')]);
  return [
    '### Taken without effect',
    'One line on standard error says so.',
    table(['Option', 'For', 'Why it does nothing'], rows),
  ];
}

function nameOf({ name, short }: Option): string {
  return short === undefined ? `\`--${name}\`` : `\`-${short}\`, \`--${name}\``;
}

function defaultOf({ fallback }: Option): string {
  return fallback === undefined ? '-' : `\`${fallback}\``;
}

function sourcesOf({ name, key, inEnvironment }: Option): string {
  if (key === undefined) return inEnvironment ? `\`${environmentName(name)}\`` : '-';
  return `\`${environmentName(name)}\`, \`${key}\``;
}

function meaningOf({ summary, values }: Option): string {
  const choice = values ? `: ${values.map((value) => `\`${value}\``).join(', ')}` : '';
  return `${capital(summary)}${choice}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(tableLine).join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
