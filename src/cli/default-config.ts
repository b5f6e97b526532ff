import { writeFile } from 'node:fs/promises';
import { imageCommandOptions, registryFileKeys, type FileKey, type Option } from '../config/index.js';
import { messageOf } from '../core/index.js';
import { CliError } from './cli-error.js';
import type { CommandContext, Outcome } from './command.js';
import { exitCodes } from './exit-codes.js';

const fileName = 'tidewaiter-default.yaml';

/** Writes all settings that work with their defaults, as YAML; what is there already is not overwritten. */
export async function writeDefaultConfig(context: CommandContext): Promise<Outcome> {
  try {
    await writeFile(fileName, defaultConfig(imageCommandOptions), { flag: 'wx' });
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `cannot write ${fileName}: ${messageOf(cause)}`, {
      hint: 'move the file that is there away, or change to another folder',
      cause,
    });
  }
  context.log('info', `${fileName} is written; rename it to tidewaiter.yaml to use it`);
  return { exitCode: exitCodes.pass, resultLine: `result: the default settings are in ${fileName}` };
}

type Tree = Map<string, Tree | Option | FileKey>;

/** The text of that file, with the meaning of each setting above it. */
export function defaultConfig(options: readonly Option[]): string {
  const root: Tree = new Map();
  for (const option of options) {
    if (option.group !== 'works' || option.key === undefined || oneRunOnly.has(option.name)) continue;
    insert(root, option.key.split('.'), option);
  }
  for (const fileKey of registryFileKeys) insert(root, fileKey.key.split('.'), fileKey);
  return `# The settings of tidewaiter image, with their defaults.\n${print(root, '')}`;
}

/** In a file these would make every run something else than a scan. */
const oneRunOnly: ReadonlySet<string> = new Set(['generate-default-config', 'config', 'version']);

/** That they are given says something, even with the value that they have anyway: a file must exist, a format must fit. */
const tellingWhenGiven: ReadonlySet<string> = new Set(['ignorefile', 'table-mode', 'list-all-pkgs']);

function insert(tree: Tree, path: readonly string[], option: Option | FileKey): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    tree.set(first, option);
    return;
  }
  const inner = tree.get(first);
  const next: Tree = inner instanceof Map ? inner : new Map();
  tree.set(first, next);
  insert(next, rest, option);
}

function print(tree: Tree, indent: string): string {
  const entries = [...tree].sort(([a], [b]) => (a < b ? -1 : 1));
  return entries
    .map(([name, entry]) => {
      if (entry instanceof Map) return `${indent}${name}:\n${print(entry, `${indent}  `)}`;
      const line = `${name}: ${valueOf(entry)}`.trimEnd();
      return `${indent}# ${entry.summary}\n${indent}${tellingWhenGiven.has(name) ? `# ${line}` : line}\n`;
    })
    .join('');
}

/** Without a default it is left empty, which sets nothing. */
function valueOf(entry: Option | FileKey): string {
  if (!('type' in entry)) return '{}';
  const { type, fallback } = entry;
  if (fallback === undefined) return type === 'list' ? '[]' : '';
  if (type === 'list') return `[${fallback.split(',').join(', ')}]`;
  return type === 'text' || type === 'duration' || type === 'size' ? JSON.stringify(fallback) : fallback;
}
