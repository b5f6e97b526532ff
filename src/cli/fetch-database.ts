import type { UpdatedDatabase } from '../advisories/index.js';
import { ConfigError, readRegistryAccess } from '../config/index.js';
import { isTidewaiterError } from '../core/index.js';
import { cacheDirOf } from './cache-dir.js';
import type { CommandArguments, CommandContext, Outcome } from './command.js';
import { openDatabaseConnections } from './database-connections.js';
import { databasePlaces, registriesOf, type DatabasePlaces } from './database-places.js';
import { exitCodes } from './exit-codes.js';

/** `tidewaiter db update`: asks for a newer database in any case. */
export async function updateDatabaseNow(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const { places, cacheDir } = await prepare(context, settings);
  return outcomeOf(await fetchDatabase(context, { settings, places, cacheDir }), context);
}

/** `tidewaiter image --download-db-only`: asks when a newer one is due, or the one that is there came from elsewhere. */
export async function downloadDatabaseOnly(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  for (const [name, why] of [
    ['skip-db-update', 'nothing is to be downloaded'],
    ['db', 'the database is named'],
  ] as const) {
    if (settings.given(name) === undefined || (name === 'skip-db-update' && !settings.isOn(name))) continue;
    throw new ConfigError(
      'CONFLICT',
      `${settings.origin('download-db-only')} and ${settings.origin(name)} contradict each other: ${why}`,
      {
        hint: 'leave one of them out',
      },
    );
  }
  const { places, cacheDir } = await prepare(context, settings);
  const { readUpdateState } = await import('../advisories/index.js');
  const { freshness, installed, origin, metadata } = readUpdateState(cacheDir, context.now());
  const isFromThere = places.sources.some(({ name }) => name === origin?.source);
  if (freshness === 'current' && installed && origin && isFromThere) {
    const { source } = origin;
    return outcomeOf({ installed, outcome: 'current', source, updatedAt: metadata?.updatedAt }, context);
  }
  return outcomeOf(await fetchDatabase(context, { settings, places, cacheDir }), context);
}

type Settings = CommandArguments['settings'];

interface Prepared {
  readonly places: DatabasePlaces;
  readonly cacheDir: string;
}

async function prepare(context: CommandContext, settings: Settings): Promise<Prepared> {
  const places = await databasePlaces(settings);
  if (settings.isOn('offline')) {
    throw new ConfigError(
      'CONFLICT',
      `the database cannot be fetched without connections (${settings.origin('offline')})`,
      {
        hint: 'leave --offline out, or install a file with "tidewaiter db import FILE"',
      },
    );
  }
  const cacheDir = cacheDirOf(settings, context.environment);
  if (cacheDir === undefined) {
    throw new ConfigError('INVALID_VALUE', 'there is no folder to install the database in, because you have no home', {
      hint: 'name one with --cache-dir',
    });
  }
  return { places, cacheDir };
}

async function fetchDatabase(
  context: CommandContext,
  { settings, places, cacheDir }: Prepared & { readonly settings: Settings },
): Promise<UpdatedDatabase> {
  const access = await readRegistryAccess(settings, context.environment);
  // A password that was given for a registry of the user's own is not shown to the public ones.
  const knownTo = places.named ? registriesOf(places) : new Set<string>();
  const connections = openDatabaseConnections({ access, knownTo });
  try {
    const { updateDatabase } = await import('../advisories/index.js');
    return await updateDatabase(context, { cacheDir, sources: places.sources, connections });
  } catch (thrown) {
    await sayWhatStays(context, cacheDir, thrown);
    throw thrown;
  } finally {
    await connections.close();
  }
}

/** The error of an update that failed says it itself; that of a time limit or a full disk does not. */
async function sayWhatStays(context: CommandContext, cacheDir: string, thrown: unknown): Promise<void> {
  if (isTidewaiterError(thrown) && (thrown.code === 'UPDATE_FAILED' || thrown.code === 'INTERRUPTED')) return;
  const { readUpdateState, stateInWords } = await import('../advisories/index.js');
  context.log('warn', stateInWords(readUpdateState(cacheDir, context.now()), context.now()));
}

async function outcomeOf(updated: UpdatedDatabase, context: CommandContext): Promise<Outcome> {
  const { databaseAge } = await import('../advisories/index.js');
  const age = databaseAge(updated.updatedAt, context.now());
  const database = age === undefined ? 'the database' : `the database of ${age}`;
  const words = {
    installed: `${database} from ${updated.source} is installed in ${updated.installed.path}`,
    current: `${database} is current: ${updated.source} has no newer one`,
    elsewhere: `${database} from ${updated.source} was installed by another process in ${updated.installed.path}`,
  };
  return { exitCode: exitCodes.pass, resultLine: `result: ${words[updated.outcome]}` };
}
