import type { RegistryAccess } from '../access/index.js';
import type { UpdateState } from '../advisories/index.js';
import { readConnections, readRegistryAccess, type Settings } from '../config/index.js';
import { isTidewaiterError, messageOf } from '../core/index.js';
import { parseReference } from '../reference/index.js';
import type { CommandContext } from './command.js';
import { databasePlaces, registriesOf, type DatabasePlaces } from './database-places.js';

/** After an attempt that failed and took its time, scans go on without another for so long. */
const quietMs = 15 * 60 * 1000;

export interface RefreshRequest {
  readonly settings: Settings;
  readonly cacheDir: string | undefined;
  /** Name of the image, and how its registry is reached; absent for files. */
  readonly reference?: string | undefined;
  readonly registry?: RegistryAccess | undefined;
}

/**
 * Before a scan: fetches the vulnerability database when none is installed, or a newer one is due for one that was
 * downloaded. What cannot be fetched is a warning, and the scan goes on with what is there. Nothing happens when the
 * user names a database, forbids updates or connections, or has no folder to keep one in.
 * @throws the reason of the signal; AdvisoryError `INVALID_ADDRESS`, InvalidReferenceError and ConfigError for settings
 */
export async function refreshDatabase(context: CommandContext, request: RefreshRequest): Promise<void> {
  const { settings, cacheDir } = request;
  const places = settings.given('db-repository') ? await databasePlaces(settings) : undefined;
  if (settings.isOn('skip-db-update') || settings.isOn('offline') || settings.text('db') !== undefined) return;
  if (cacheDir === undefined) return;
  const { readUpdateState } = await import('../advisories/index.js');
  const state = readUpdateState(cacheDir, context.now());
  if (state.freshness === 'current') return;
  const isOwn = state.installed !== undefined && state.origin === undefined;
  if (isOwn && settings.given('db-repository')?.source !== 'command line') {
    await warnOfOwn(context, state);
    return;
  }
  await attempt(context, { request, cacheDir, state, places: places ?? (await databasePlaces(settings)) });
}

/** What the user installed from a file is theirs to replace. */
async function warnOfOwn(context: CommandContext, { metadata }: UpdateState): Promise<void> {
  const due = metadata?.nextUpdate;
  if (due === undefined || context.now().getTime() < Date.parse(due)) return;
  const { databaseAge } = await import('../advisories/index.js');
  const age = databaseAge(metadata?.updatedAt, context.now());
  const which = age === undefined ? 'the installed database' : `the installed database of ${age}`;
  context.log(
    'warn',
    `${which} came from a file and is not replaced by itself; a newer one was due on ${due.slice(0, 10)}: import it, or use "tidewaiter db update"`,
  );
}

interface Attempt {
  readonly request: RefreshRequest;
  readonly cacheDir: string;
  readonly state: UpdateState;
  readonly places: DatabasePlaces;
}

async function attempt(context: CommandContext, { request, cacheDir, state, places }: Attempt): Promise<void> {
  const before = failedJustNow(state, places, context.now());
  if (before) {
    const minutes = Math.ceil((Date.parse(before.at) + quietMs - context.now().getTime()) / 60_000);
    const words = `no newer database is asked for in the next ${minutes} min, because that failed a moment ago`;
    await warnWithout(context, state, `${words} (${before.failure})`);
    return;
  }
  const { updateDatabase } = await import('../advisories/index.js');
  const { openDatabaseConnections } = await import('./database-connections.js');
  const connections = openDatabaseConnections(await credentialsFor(context, request, places));
  try {
    const { sources } = places;
    await updateDatabase(context, { cacheDir, sources, connections, automatic: true });
  } catch (thrown) {
    context.signal.throwIfAborted();
    if (!isTidewaiterError(thrown)) throw thrown;
    if (thrown.code === 'UPDATE_FAILED') context.log('warn', messageOf(thrown));
    else await warnWithout(context, state, messageOf(thrown));
  } finally {
    await connections.close();
  }
}

function failedJustNow(
  { attempt: last }: UpdateState,
  { sources }: DatabasePlaces,
  now: Date,
): { readonly at: string; readonly failure: string } | undefined {
  if (last?.failure === undefined || !last.costly) return undefined;
  const ageMs = now.getTime() - Date.parse(last.at);
  const isSame = last.sources.join() === sources.map(({ name }) => name).join();
  return isSame && ageMs >= 0 && ageMs < quietMs ? { at: last.at, failure: last.failure } : undefined;
}

async function warnWithout(context: CommandContext, state: UpdateState, why: string): Promise<void> {
  const { stateInWords } = await import('../advisories/index.js');
  context.log('warn', `${why}. ${stateInWords(state, context.now())}`);
}

/**
 * Passwords that were given for the image are shown to the image's registry, and to no other. Where the image is a file,
 * they are for the places of databases that were named.
 */
async function credentialsFor(
  context: CommandContext,
  { settings, reference, registry }: RefreshRequest,
  places: DatabasePlaces,
): Promise<{ readonly access: RegistryAccess; readonly knownTo: ReadonlySet<string> }> {
  if (!registry && places.named) {
    const access = await readRegistryAccess(settings, context.environment);
    return { access: { ...access, impatient: true }, knownTo: registriesOf(places) };
  }
  const access = registry ?? (await readConnections(settings, context.environment));
  const registryOfImage = reference === undefined || isImageId(reference) ? [] : [parseReference(reference).registry];
  return { access: { ...access, impatient: true }, knownTo: new Set(registryOfImage) };
}

function isImageId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
