import { manifestImagesOptions } from '../../config/index.js';
import { compareText } from '../../findings/index.js';
import { imagesOfDocument, objectTitle, placeOfImage, type ImageSlot, type ObjectName } from '../../manifest/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { readManifests } from '../manifest-reading.js';
import { checkOutput, writeOutput } from '../output.js';
import { printable } from '../printable.js';

/** `tidewaiter manifest images`: what would be pulled if the manifests were applied. */
export const manifestImages: Command = {
  positionals: [{ name: 'FILE', required: true, many: true }],
  options: manifestImagesOptions,
  examples: [
    { line: 'tidewaiter manifest images k8s/', does: 'every image, with who names it and where' },
    {
      line: 'tidewaiter manifest images --format text k8s/',
      does: 'each canonical name once, one a line, for scripts',
    },
    { line: 'helm template ./chart | tidewaiter manifest images -', does: 'the images of a chart' },
  ],
  notes: [
    'Looked at are containers, init containers, ephemeral containers and image volumes of every kind of workload, also of\npods inside custom resources. A slot without a usable image name makes the list incomplete (exit code 3).',
  ],
  run,
};

/** One place that names an image. */
interface NamedImage {
  /** With every default written out; absent where there is no usable name. */
  readonly image: string | undefined;
  readonly written: string | undefined;
  readonly problem: string | undefined;
  readonly object: ObjectName;
  readonly slot: ImageSlot;
  readonly name: string | undefined;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const output = settings.text('output');
  if (output !== undefined) await checkOutput(output);
  const images: NamedImage[] = [];
  const problems: string[] = [];
  const { unknowns } = await readManifests(context, positionals, ({ name: file }, part) => {
    if (part.kind === 'broken') problems.push(`${file}:${part.line}: ${part.reason}`);
    if (part.kind !== 'document') return;
    for (const image of imagesOfDocument(part.value)) {
      const { canonical, text, problem, slot, name } = image;
      const { apiVersion, kind, name: objectName, namespace } = image.object;
      const object = { apiVersion, kind, name: objectName, namespace };
      images.push({ image: canonical, written: text, problem, object, slot, name, file, ...placeOfImage(part, image) });
    }
  });
  problems.push(...unknowns.map(({ place, reason }) => `${place.file}:${place.line}: ${reason}`));
  for (const { problem, file, line } of images) if (problem !== undefined) problems.push(`${file}:${line}: ${problem}`);
  const names = [...new Set(images.flatMap(({ image }) => image ?? []))].sort(compareText);
  await writeOutput([render(settings.text('format'), images, names)], output, context.terminal);
  for (const problem of problems.slice(0, 50)) context.log('warn', problem);
  const found = `${names.length} ${names.length === 1 ? 'image' : 'images'} in ${images.length} ${images.length === 1 ? 'place' : 'places'}`;
  if (problems.length === 0 || settings.text('incomplete') === 'allow') {
    return { exitCode: exitCodes.pass, resultLine: `result: pass: ${found}` };
  }
  const resultLine = `result: incomplete: ${found}, and ${problems.length} ${problems.length === 1 ? 'thing' : 'things'} not assessed`;
  return { exitCode: exitCodes.incomplete, resultLine };
}

function render(format: string | undefined, images: readonly NamedImage[], names: readonly string[]): string {
  if (format === 'json') return `${JSON.stringify(images, null, 2)}\n`;
  if (format === 'text') return names.map((name) => `${name}\n`).join('');
  const rows = images.map(({ image, written, problem, object, slot, name, file, line }) => [
    printable(image ?? `(${problem ?? 'no image'}: ${written ?? ''})`),
    printable(objectTitle(object)),
    printable(`${slot} ${name ?? '(no name)'}`),
    printable(`${file}:${line}`),
  ]);
  const table = [['IMAGE', 'OBJECT', 'CONTAINER', 'PLACE'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.min(80, Math.max(...table.map((row) => row[column]?.length ?? 0))));
  return table.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('');
}
