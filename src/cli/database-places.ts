import type { DatabaseSource } from '../advisories/index.js';
import type { Settings } from '../config/index.js';

/** Where the settings say that databases are to be fetched from, in order. */
export interface DatabasePlaces {
  readonly sources: readonly DatabaseSource[];
  /** Somebody named them: on the command line, in the environment or in the configuration file. */
  readonly named: boolean;
}

/** @throws AdvisoryError `INVALID_ADDRESS`; InvalidReferenceError */
export async function databasePlaces(settings: Settings): Promise<DatabasePlaces> {
  const { defaultDatabaseSources, parseDatabaseSource } = await import('../advisories/index.js');
  const texts = settings
    .list('db-repository')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const named = texts.length > 0;
  return { sources: [...new Set(named ? texts : defaultDatabaseSources)].map(parseDatabaseSource), named };
}

/** The registries among them. */
export function registriesOf({ sources }: DatabasePlaces): ReadonlySet<string> {
  return new Set(sources.flatMap((source) => (source.kind === 'registry' ? [source.reference.registry] : [])));
}
