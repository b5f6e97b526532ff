import { createHash } from 'node:crypto';
import { imageCommandOptions, imageRun, oldNames, type ImageRun } from '../../config/index.js';
import type { ScanReport, WriteOptions } from '../../report/index.js';
import { cacheDirOf } from '../cache-dir.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { checkOutput, writeOutput } from '../output.js';
import { refreshDatabase } from '../refresh-database.js';

/** `tidewaiter image`: options and answers as those of `trivy image`. */
export const image: Command = {
  positionals: [{ name: 'IMAGE', required: false }],
  options: imageCommandOptions,
  oldNames,
  limited: true,
  examples: [
    { line: 'tidewaiter image nginx:1.18.0', does: 'scan an image from Docker, containerd, Podman or its registry' },
    {
      line: 'tidewaiter image --image-src remote --platform all registry.example.com/team/app:1.4',
      does: 'every platform of an image in a registry',
    },
    { line: 'tidewaiter image --input alpine.tar', does: 'scan what "docker save alpine -o alpine.tar" wrote' },
    { line: 'docker save alpine | tidewaiter image --input -', does: 'the same, without a file' },
    {
      line: 'tidewaiter image --input httpd.tar --severity HIGH,CRITICAL --output report.txt',
      does: 'only what is serious, into a file',
    },
    { line: 'tidewaiter image --input alpine.tar --format json --output alpine.json', does: 'for other programs' },
    {
      line: 'tidewaiter image --input alpine.tar --ignore-unfixed --exit-code 1',
      does: 'fail a build for what an update would mend',
    },
    { line: 'tidewaiter image --input images.tar nginx:1.18.0', does: 'one image of an archive that holds several' },
    { line: 'tidewaiter image --input layout/ --platform linux/arm64', does: 'one platform of an OCI layout folder' },
  ],
  notes: [
    'Nothing is called clean that was not assessed: an unknown distribution, a damaged package database or a release\nwithout advisories makes the verdict incomplete (exit code 3), and the report names each.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  if (settings.isOn('generate-default-config')) {
    const { writeDefaultConfig } = await import('../default-config.js');
    return await writeDefaultConfig(context);
  }
  if (settings.isOn('download-db-only')) {
    const { downloadDatabaseOnly } = await import('../fetch-database.js');
    return await downloadDatabaseOnly(context, { positionals, settings });
  }
  const cacheDir = cacheDirOf(settings, context.environment);
  const wanted = await imageRun(settings, {
    reference: positionals[0],
    cacheDir,
    environment: context.environment,
  });
  for (const warning of wanted.warnings) context.log('warn', warning);
  if (wanted.report.output !== undefined) await checkOutput(wanted.report.output);
  const { reference, registry } = wanted.request;
  await refreshDatabase(context, { settings, cacheDir, reference: registry && reference, registry });
  if (wanted.request.input === undefined) await letGarbageWait();
  const [{ scanImage }, { write }] = await Promise.all([
    import('../../scan/index.js'),
    import('../../report/index.js'),
  ]);
  const print = (report: ScanReport): Iterable<string> => write(report, writeOptions(context, wanted));
  let draft: { readonly report: ScanReport; readonly text: readonly string[] } | undefined;
  const onDraft = (report: ScanReport): void => {
    draft = { report, text: [...print(report)] };
  };
  const report = await scanImage(context, { ...wanted.request, onDraft });
  const text = draft?.report === report ? draft.text : print(report);
  await writeOutput(text, wanted.report.output, context.terminal);
  const { summarize } = await import('../../report/index.js');
  const words = summarize(report, { now: context.now(), severities: wanted.request.severities });
  for (const notice of words.notices) context.log('info', notice);
  return { exitCode: exitCodeOf(report, wanted), resultLine: words.resultLine };
}

/**
 * What is downloaded comes in buffers, and the engine looks through all memory whenever they have added up to a part of
 * its small heap: some twenty times for 100 MB, an eighth of the work. With more room it does so rarely.
 */
async function letGarbageWait(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--heap-growing-percent=400');
}

function writeOptions(context: CommandContext, { report: how, request }: ImageRun): WriteOptions & { format: string } {
  const toTerminal = how.output === undefined;
  return {
    format: how.format,
    sha256Hex: (value) => createHash('sha256').update(value).digest('hex'),
    severities: request.severities,
    showSuppressed: how.showSuppressed,
    listAllPackages: how.listAllPackages,
    tableModes: how.tableModes,
    dependencyTree: how.dependencyTree,
    color: toTerminal && context.terminal.colors.stdout,
    columns: toTerminal ? context.terminal.columns : undefined,
  };
}

/** The end of life is asked first, because what reaches it gets no more advisories. */
function exitCodeOf(report: ScanReport, { endOfLifeExitCode, exitCode }: ImageRun): number {
  const isPastLife = report.images.some((one) => one.operatingSystem?.endOfLife);
  if (endOfLifeExitCode !== 0 && isPastLife) return endOfLifeExitCode;
  if (report.verdict.outcome === 'fail') return exitCode || exitCodes.verdictFails;
  return report.verdict.outcome === 'incomplete' ? exitCodes.incomplete : exitCodes.pass;
}
