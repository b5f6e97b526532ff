import { resolve } from 'node:path';
import { ConfigError, type Option } from '../../config/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { version } from '../version.js';

const options: readonly Option[] = [
  {
    name: 'out',
    type: 'text',
    group: 'works',
    section: 'Database',
    valueName: 'folder',
    summary: 'folder for trivy.db and metadata.json',
  },
  {
    name: 'starter',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'Database',
    summary: 'make the database that the package carries, from the reviewed table',
  },
];

/** `tidewaiter db build`. */
export const dbBuild: Command = {
  positionals: [{ name: 'SOURCE', required: true, many: true }],
  options,
  examples: [
    {
      line: 'tidewaiter db build --out db secdb/ osv/ debian.json',
      does: 'advisories of several kinds, recognised by what is in them',
    },
    { line: 'tidewaiter image --input alpine.tar --db db/trivy.db', does: 'scan with it' },
    { line: 'tidewaiter db import db/trivy.db', does: 'use it for every scan' },
  ],
  notes: [
    'A SOURCE is a folder, a file or an archive (.zip, .tar.*) of OSV records, of Alpine secdb in JSON or YAML, of Debian\nadvisory lists (DSA, DLA), of the JSON of the Debian tracker, or of our own plain YAML.',
    'The variable SOURCE_DATE_EPOCH (seconds since 1970) dates the database; the same sources and date give the same bytes.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const out = settings.text('out');
  if (out === undefined) {
    throw new ConfigError('INVALID_VALUE', 'the folder of the new database is not named', { hint: 'add --out FOLDER' });
  }
  const { buildDatabase } = await import('../../advisories/index.js');
  const built = await buildDatabase(context, {
    sources: positionals.map((source) => resolve(source)),
    outDir: resolve(out),
    starter: settings.isOn('starter'),
    toolVersion: version,
    now: sourceDate(context),
  });
  for (const warning of built.warnings) context.log('warn', warning);
  return {
    exitCode: exitCodes.pass,
    resultLine: `result: ${built.advisories} advisories of ${built.packages} packages are in ${built.path}`,
  };
}

/** See https://reproducible-builds.org/specs/source-date-epoch/. */
function sourceDate({ environment }: CommandContext): Date | undefined {
  const text = environment.SOURCE_DATE_EPOCH;
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,11}$/.test(text)) return new Date(Number(text) * 1000);
  throw new ConfigError('INVALID_VALUE', `SOURCE_DATE_EPOCH is no number of seconds: ${JSON.stringify(text)}`, {
    hint: 'leave it unset to date the database now',
  });
}
