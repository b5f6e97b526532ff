import type { Option } from '../../config/index.js';
import {
  formatFamiliar,
  formatReference,
  InvalidReferenceError,
  isOfficialImage,
  parseReference,
  type Reference,
} from '../../reference/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import { formatOption } from '../shown-options.js';
import { painter, type Painter } from '../terminal.js';

const options: readonly Option[] = [
  formatOption,
  {
    name: 'output',
    short: 'o',
    type: 'text',
    group: 'works',
    section: 'Report',
    valueName: 'file',
    summary: 'write to this file instead of standard output',
  },
];

/** `tidewaiter ref`: what a name means to those who pull it. */
export const ref: Command = {
  positionals: [{ name: 'NAME', required: true, many: true }],
  options,
  examples: [
    { line: 'tidewaiter ref nginx', does: 'what the short name stands for' },
    { line: 'tidewaiter ref --format json nginx quay.io/team/app:1.2', does: 'several names, for programs' },
    { line: 'tidewaiter ref Nginx:', does: 'which rule a name breaks, and where (exit code 2)' },
  ],
  notes: [
    'A name is read as the kubelet and containerd read it. When any of several names is wrong, the others are explained all\nthe same.',
  ],
  run,
};

type Explained =
  | { readonly text: string; readonly reference: Reference }
  | { readonly text: string; readonly error: InvalidReferenceError };

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const explained = positionals.map(explain);
  const wrong = explained.filter((one) => 'error' in one).length;
  const output = settings.text('output');
  const paint = painter(output === undefined && context.terminal.colors.stdout);
  const text =
    settings.text('format') === 'json' ? json(explained) : explained.map((one) => table(one, paint)).join('\n');
  await writeOutput([text], output, context.terminal);
  if (wrong === 0) {
    const count = explained.length === 1 ? 'the name is' : `all ${explained.length} names are`;
    return { exitCode: exitCodes.pass, resultLine: `result: pass: ${count} well formed` };
  }
  return {
    exitCode: exitCodes.usage,
    resultLine: `result: error: ${wrong} of ${explained.length} names ${wrong === 1 ? 'is' : 'are'} wrong`,
  };
}

function explain(text: string): Explained {
  try {
    return { text, reference: parseReference(text) };
  } catch (error) {
    if (error instanceof InvalidReferenceError) return { text, error };
    throw error;
  }
}

function table(one: Explained, paint: Painter): string {
  const rows = 'error' in one ? wrongRows(one.text, one.error, paint) : rowsOf(one.text, one.reference, paint);
  return rows.map((row) => `${row}\n`).join('');
}

function rowsOf(text: string, reference: Reference, paint: Painter): readonly string[] {
  const official = isOfficialImage(reference);
  const rows: readonly (readonly [string, string])[] = [
    ['Registry', reference.registry],
    ['Repository', reference.repository],
    ['Tag', tagWords(reference)],
    ['Digest', reference.digest ?? '-'],
    ['Canonical', formatReference(reference)],
    ['Short', formatFamiliar(reference)],
    ['Official', `${official.official ? 'yes' : 'no'}: ${official.why}`],
  ];
  return [paint.bold(printable(text)), ...rows.map(([label, value]) => `  ${label.padEnd(10)}  ${value}`)];
}

function tagWords({ tag, digest }: Reference): string {
  if (tag === undefined) return '-';
  return digest === undefined ? tag : `${tag} (not used: the digest decides)`;
}

/** Everything before the first wrong character is ASCII, so that the caret stands below it. Enough of the name to see the place, with a caret below the character. */
function wrongRows(text: string, error: InvalidReferenceError, paint: Painter): readonly string[] {
  const before = 40;
  const start = Math.max(0, error.offset - before);
  const shownBefore = `${start > 0 ? '...' : ''}${printable(text.slice(start, error.offset))}`;
  const shownAfter = printable(text.slice(error.offset, error.offset + before));
  const more = text.length > error.offset + before ? '...' : '';
  return [
    paint.bold(`${shownBefore}${shownAfter}${more}`),
    `${' '.repeat(shownBefore.length)}${paint.red('^')}`,
    `  ${'Wrong'.padEnd(10)}  ${error.rule} (character ${error.offset + 1})`,
    `  ${'Rule'.padEnd(10)}  ${error.code}`,
    ...(error.hint === undefined ? [] : [`  ${'Hint'.padEnd(10)}  ${error.hint}`]),
  ];
}

function json(explained: readonly Explained[]): string {
  return `${JSON.stringify(explained.map(jsonOf), null, 2)}\n`;
}

function jsonOf(one: Explained): object {
  if ('error' in one) {
    const { code, rule, offset, hint } = one.error;
    return { name: one.text, valid: false, error: { code, rule, offset, ...(hint === undefined ? {} : { hint }) } };
  }
  const { registry, repository, tag, digest } = one.reference;
  return {
    name: one.text,
    valid: true,
    registry,
    repository,
    tag: tag ?? null,
    digest: digest ?? null,
    canonical: formatReference(one.reference),
    familiar: formatFamiliar(one.reference),
    ...isOfficialImage(one.reference),
  };
}
