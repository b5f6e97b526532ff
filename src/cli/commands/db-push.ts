import { resolve } from 'node:path';
import { ConfigError, readRegistryAccess, registryOptions, type Option } from '../../config/index.js';
import { formatReference, type Reference } from '../../reference/index.js';
import { cacheDirOf } from '../cache-dir.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';

const installedOption: Option = {
  name: 'installed',
  type: 'switch',
  fallback: 'false',
  group: 'works',
  section: 'Database',
  summary: 'push the installed database; then no FILE is given',
};

/** `tidewaiter db push`. */
export const dbPush: Command = {
  positionals: [
    { name: 'FILE', required: true },
    { name: 'REPO', required: false },
  ],
  options: [installedOption, ...registryOptions],
  examples: [
    {
      line: 'tidewaiter db push out/trivy.db registry.example.com/mirror/trivy-db',
      does: 'what "db build" made, under the tag 2',
    },
    {
      line: 'tidewaiter db push --installed registry.example.com/mirror/trivy-db:2',
      does: 'the database that scans use here',
    },
    {
      line: 'tidewaiter db push db.tar.gz localhost:5000/trivy-db',
      does: 'an archive that is packed already, as it is',
    },
  ],
  notes: [
    'FILE is a database file (with metadata.json beside it if there is one), a folder that holds both, or the packed\narchive. "db update --db-repository REPO" fetches it again, and so does every program that reads trivy-db.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const { file, repository } = wordsOf(positionals, settings.isOn('installed'));
  const { databaseAge, findInstalledDatabase, parseDatabaseRepository, pushDatabase, sizeInWords } = await import(
    '../../advisories/index.js'
  );
  const reference = parseDatabaseRepository(repository);
  refuseDigest(reference);
  if (settings.isOn('offline')) {
    throw new ConfigError('CONFLICT', `nothing can be pushed without connections (${settings.origin('offline')})`, {
      hint: 'leave --offline out',
    });
  }
  const cacheDir = cacheDirOf(settings, context.environment);
  const installed = file === undefined && cacheDir !== undefined ? findInstalledDatabase(cacheDir) : undefined;
  const path = file === undefined ? installed?.path : resolve(file);
  if (path === undefined) {
    throw new CliError('MISSING_ARGUMENT', 'no database is installed that could be pushed', {
      hint: 'name a file, or install one with "tidewaiter db update"',
    });
  }
  const { openAccess } = await import('../../access/index.js');
  const access = openAccess(await readRegistryAccess(settings, context.environment));
  try {
    const registry = await access.registry();
    const pushed = await pushDatabase(context, { path, reference, registry, cacheDir });
    const age = databaseAge(pushed.updatedAt, context.now());
    const database = age === undefined ? 'the database' : `the database of ${age}`;
    return {
      exitCode: exitCodes.pass,
      resultLine: `result: ${database} is in ${formatReference(reference)} (${pushed.digest}, ${sizeInWords(pushed.sizeBytes)})`,
    };
  } finally {
    await access.close();
  }
}

function wordsOf(
  positionals: readonly string[],
  installed: boolean,
): { readonly file: string | undefined; readonly repository: string } {
  const [first = '', second] = positionals;
  if (installed && second === undefined) return { file: undefined, repository: first };
  if (!installed && second !== undefined) return { file: first, repository: second };
  throw installed
    ? new CliError('TOO_MANY_ARGUMENTS', 'tidewaiter db push --installed takes the repository alone', {
        hint: 'leave out the file, or --installed',
      })
    : new CliError('MISSING_ARGUMENT', 'tidewaiter db push needs a FILE and a REPO', {
        hint: 'write: tidewaiter db push trivy.db registry.example.com/trivy-db',
      });
}

function refuseDigest({ digest }: Reference): void {
  if (digest === undefined) return;
  throw new ConfigError('INVALID_VALUE', 'a database is pushed under a tag, and its digest follows from what it is', {
    hint: 'leave the digest out',
  });
}
