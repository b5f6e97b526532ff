import type { DatabaseFacts } from '../advisories/index.js';

/** What `db info` and `version` tell of a database, ready for JSON. */
export interface DatabaseState extends DatabaseFacts {
  readonly sizeBytes: number;
}

/** The same as two columns. */
export function databaseRows(state: DatabaseState): readonly (readonly [string, string])[] {
  return [
    ['Kind', state.kind],
    ['Location', state.location],
    ['Schema', String(state.schemaVersion)],
    ['Updated', state.updatedAt ?? 'not known'],
    ['Next update', state.nextUpdate ?? 'not known'],
    ['Digest', state.digest ?? 'not kept (only installed databases have one)'],
    ['Size', `${(state.sizeBytes / 1e6).toFixed(1)} MB`],
  ];
}
