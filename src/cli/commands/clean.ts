import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openCache } from '../../cache/index.js';
import type { Option } from '../../config/index.js';
import { isErrno, limits, messageOf } from '../../core/index.js';
import { factsFolder } from '../../scan/index.js';
import { cacheDirOf } from '../cache-dir.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';

const nothingOfTheKind = 'nothing of the kind is kept';

const options: readonly Option[] = [
  {
    name: 'all',
    short: 'a',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'General',
    summary: 'the facts of layers, the documents of images, and the installed databases',
  },
  {
    name: 'scan-cache',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'General',
    summary: 'the facts of layers and the documents of images; this is also what clean does without an option',
  },
  {
    name: 'vuln-db',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'General',
    summary: 'the installed vulnerability databases; scans then use the starter database',
  },
  ...['java-db', 'checks-bundle', 'vex-repo'].map(
    (name): Option => ({
      name,
      type: 'switch',
      fallback: 'false',
      group: 'noted',
      section: 'No effect here',
      summary: `the ${name.replace('-', ' ')}`,
      sentence: nothingOfTheKind,
    }),
  ),
];

/** `tidewaiter clean`. */
export const clean: Command = {
  positionals: [],
  options,
  examples: [
    { line: 'tidewaiter clean', does: 'remove the facts of layers; they are read again when needed' },
    { line: 'tidewaiter clean --vuln-db', does: 'remove the installed databases' },
    { line: 'tidewaiter clean --all --cache-dir /var/cache/ci', does: 'everything that was kept below a folder' },
  ],
  notes: [
    'Only what tidewaiter put there is removed; a folder that holds anything else is left as it is, with an error.',
  ],
  run,
};

async function run(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const cacheDir = cacheDirOf(settings, context.environment);
  if (cacheDir === undefined)
    return { exitCode: exitCodes.pass, resultLine: 'result: nothing is kept, because you have no home' };
  const elsewhere = ['java-db', 'checks-bundle', 'vex-repo'].some((name) => settings.isOn(name));
  const all = settings.isOn('all');
  const database = all || settings.isOn('vuln-db');
  const facts = all || settings.isOn('scan-cache') || (!database && !elsewhere);
  const removed: string[] = [];
  if (facts && (await removeFacts(factsFolder(cacheDir)))) removed.push('the facts of layers');
  if (database && (await removeDatabases(cacheDir))) removed.push('the installed databases');
  const what = removed.length === 0 ? 'there was nothing to remove' : `${removed.join(' and ')} are removed`;
  return { exitCode: exitCodes.pass, resultLine: `result: ${what} (${cacheDir})` };
}

async function removeFacts(folder: string): Promise<boolean> {
  if ((await entriesOf(folder)) === undefined) return false;
  return openCache({ dir: folder, maxBytes: limits.factsCacheBytes }).clear() > 0;
}

/** A folder named by a hash, the pointer to one, the record of updates, and what a run that was killed left behind. */
const ourNames =
  /^(?:[0-9a-f]{64}|current|update\.json|download-[0-9a-f]{64,128}|\.lock|\.update-lock(?:-break)?|\.(?:incoming|pointer|push|record)-[0-9]+-[0-9a-f]+(?:-replaced)?)$/;

async function removeDatabases(cacheDir: string): Promise<boolean> {
  const folder = join(cacheDir, 'db');
  const entries = await entriesOf(folder);
  if (entries === undefined) return false;
  const foreign = entries.find((name) => !ourNames.test(name));
  if (foreign !== undefined) {
    throw new CliError(
      'NOT_OURS',
      `${folder} holds ${foreign}, which tidewaiter did not put there; nothing of it is removed`,
      {
        hint: 'look at the folder, and at --cache-dir',
      },
    );
  }
  // The pointer goes first: without it, no scan opens a folder that is half gone.
  await remove(join(folder, 'current'));
  for (const name of entries) await remove(join(folder, name));
  return entries.length > 0;
}

/** Names in a folder; undefined when there is none. A link in its place is not followed. */
async function entriesOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    if (!(await lstat(folder)).isDirectory()) {
      throw new CliError('NOT_OURS', `${folder} is no folder of tidewaiter's; it is left as it is`, {
        hint: 'look at --cache-dir',
      });
    }
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `cannot remove ${path}: ${messageOf(cause)}`, { cause });
  }
}
