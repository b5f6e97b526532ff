import { databaseAge, type DatabaseFacts } from '../advisories/index.js';

/** What `db info` and `version` tell of a database, ready for JSON. */
export interface DatabaseState extends DatabaseFacts {
  readonly sizeBytes: number;
  /** Where it was downloaded from, and when; absent for every other. */
  readonly origin?: { readonly source: string; readonly downloadedAt: string } | undefined;
}

/** The same as two columns. */
export function databaseRows(state: DatabaseState, now: Date): readonly (readonly [string, string])[] {
  return [
    ['Kind', state.kind],
    ['Location', state.location],
    ['Schema', String(state.schemaVersion)],
    ...(state.origin ? [['Source', `${state.origin.source}, ${state.origin.downloadedAt}`] as const] : []),
    ['Updated', updated(state.updatedAt, now)],
    ['Next update', state.nextUpdate ?? 'not known'],
    ['Digest', state.digest ?? 'not kept (only installed databases have one)'],
    ['Size', `${(state.sizeBytes / 1e6).toFixed(1)} MB`],
  ];
}

function updated(updatedAt: string | undefined, now: Date): string {
  if (updatedAt === undefined) return 'not known';
  const age = databaseAge(updatedAt, now)?.replace(/^\S+ /, '');
  return age === undefined ? updatedAt : `${updatedAt} ${age}`;
}
