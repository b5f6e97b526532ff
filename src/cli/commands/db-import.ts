import { resolve } from 'node:path';
import { ConfigError } from '../../config/index.js';
import { cacheDirOf } from '../cache-dir.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';

/** `tidewaiter db import`. */
export const dbImport: Command = {
  positionals: [{ name: 'FILE', required: true }],
  options: [],
  examples: [
    { line: 'tidewaiter db import trivy.db', does: 'a database file, with metadata.json beside it if there is one' },
    { line: 'tidewaiter db import db.tar.gz', does: 'the archive that registries hold' },
  ],
  notes: [
    'The database in use stays until the new one is checked and in place; scans that run go on with what they opened.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const cacheDir = cacheDirOf(settings, context.environment);
  if (cacheDir === undefined) {
    throw new ConfigError('INVALID_VALUE', 'there is no folder to install the database in, because you have no home', {
      hint: 'name one with --cache-dir',
    });
  }
  const { importDatabase } = await import('../../advisories/index.js');
  const installed = await importDatabase(context, resolve(positionals[0] ?? ''), cacheDir);
  return { exitCode: exitCodes.pass, resultLine: `result: the database is installed in ${installed.path}` };
}
