import { isTidewaiterError, messageOf } from '../../core/index.js';
import { cacheDirOf } from '../cache-dir.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { databaseRows, type DatabaseState } from '../database-words.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import { databaseOption, formatOption } from '../shown-options.js';
import { version as toolVersion } from '../version.js';

/** `tidewaiter version`, which `tidewaiter image --version` is too. */
export const version: Command = {
  positionals: [],
  options: [databaseOption, formatOption],
  examples: [
    { line: 'tidewaiter version', does: 'this program and its database' },
    { line: 'tidewaiter --version', does: 'this program alone' },
  ],
  run,
};

async function run(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const now = context.now();
  const cacheDir = cacheDirOf(settings, context.environment);
  const database = await databaseState({ path: settings.text('db'), cacheDir, now });
  const text =
    settings.text('format') === 'json'
      ? `${JSON.stringify({ Version: toolVersion, ...(typeof database === 'string' ? { Error: database } : { VulnerabilityDB: database }) }, null, 2)}\n`
      : table(database, now);
  await writeOutput([text], undefined, context.terminal);
  return { exitCode: exitCodes.pass };
}

/** The database that a scan would use; why there is none is no reason to keep the version back. */
async function databaseState(where: {
  readonly path: string | undefined;
  readonly cacheDir: string | undefined;
  readonly now: Date;
}): Promise<DatabaseState | string> {
  const { describeDatabase } = await import('../describe-database.js');
  const { openScanDatabase } = await import('../../scan/index.js');
  try {
    const database = openScanDatabase(where.path, where.cacheDir);
    try {
      return describeDatabase(database, where);
    } finally {
      database.close();
    }
  } catch (error) {
    if (isTidewaiterError(error)) return messageOf(error);
    throw error;
  }
}

function table(database: DatabaseState | string, now: Date): string {
  const rows = typeof database === 'string' ? [['Error', database] as const] : databaseRows(database, now);
  const lines = rows.map(([label, value]) => `  ${label}: ${printable(value)}\n`).join('');
  return `Version: ${toolVersion}\nVulnerability DB:\n${lines}`;
}
