import type { OpenedDatabase } from '../../advisories/index.js';
import { cacheDirOf } from '../cache-dir.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { databaseRows, type DatabaseState } from '../database-words.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import { databaseOption, formatOption } from '../shown-options.js';

/** `tidewaiter db info`. */
export const dbInfo: Command = {
  positionals: [],
  options: [databaseOption, formatOption],
  examples: [
    { line: 'tidewaiter db info', does: 'the database that scans use' },
    { line: 'tidewaiter db info --db ./out/trivy.db --format json', does: 'a database file, for programs' },
  ],
  run,
};

interface DatabaseDescription extends DatabaseState {
  readonly builtBy?:
    | {
        readonly toolVersion?: string | undefined;
        readonly feeds: readonly { readonly feed: string; readonly files: number }[];
      }
    | undefined;
  readonly sources: readonly { readonly bucket: string; readonly source: string; readonly url: string }[];
  /** Scopes whose packages were reviewed one by one; empty: every scope is whole. */
  readonly coverage: readonly { readonly scope: string; readonly packages: number }[];
}

async function run(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const { describeDatabase } = await import('../describe-database.js');
  const { openScanDatabase } = await import('../../scan/index.js');
  const now = context.now();
  const cacheDir = cacheDirOf(settings, context.environment);
  const database = openScanDatabase(settings.text('db'), cacheDir);
  let description: DatabaseDescription;
  try {
    description = describe(database, describeDatabase(database, { cacheDir, now }));
  } finally {
    database.close();
  }
  const json = settings.text('format') === 'json';
  await writeOutput(
    [json ? `${JSON.stringify(description, null, 2)}\n` : table(description, now)],
    undefined,
    context.terminal,
  );
  return { exitCode: exitCodes.pass, resultLine: resultLineOf(description) };
}

function resultLineOf({ kind, location, sources }: DatabaseDescription): string {
  const scopes = `${sources.length} scope${sources.length === 1 ? '' : 's'}`;
  return kind === 'starter'
    ? `result: scans use the starter database, with ${scopes}`
    : `result: ${location} can be used, with ${scopes}`;
}

function describe(database: OpenedDatabase, state: DatabaseState): DatabaseDescription {
  const meta = database.meta();
  return {
    ...state,
    builtBy: meta && { toolVersion: meta.toolVersion, feeds: meta.feeds },
    sources: database
      .sources()
      .map(({ bucket, dataSource }) => ({ bucket, source: dataSource.name, url: dataSource.url })),
    coverage: database.coverage.map(({ scope, reviewed }) => ({ scope, packages: reviewed.length })),
  };
}

function table(description: DatabaseDescription, now: Date): string {
  const { builtBy, sources, coverage } = description;
  const built = builtBy
    ? [
        [
          'Built by',
          `tidewaiter ${builtBy.toolVersion ?? ''} from ${builtBy.feeds.map(({ feed, files }) => `${feed} (${files})`).join(', ') || 'nothing'}`,
        ] as const,
      ]
    : [];
  const rows = [...databaseRows(description, now), ...built];
  const width = Math.max(
    ...sources.map(({ bucket }) => bucket.length),
    ...coverage.map(({ scope }) => scope.length),
    10,
  );
  const lines = [
    ...rows.map(([label, value]) => `${label.padEnd(12)} ${value}`),
    '',
    `Scopes (${sources.length})`,
    ...sources.map(({ bucket, source }) => `  ${bucket.padEnd(width)}  ${source}`),
    '',
    ...(coverage.length === 0
      ? ['Coverage: every package of these scopes counts as reviewed']
      : [
          'Coverage (packages that were reviewed; any other is not assessed)',
          ...coverage.map(({ scope, packages }) => `  ${scope.padEnd(width)}  ${packages}`),
        ]),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
