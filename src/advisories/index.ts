export type { BuildOptions, BuiltDatabase } from './build.js';
export {
  type DatabaseFacts,
  OpenedDatabase,
  openDatabase,
  type OpenDatabaseOptions,
  openInstalledDatabase,
  type ScopeCoverage,
} from './database.js';
export type { DatabaseKind } from './database-parts.js';
export { AdvisoryError, type AdvisoryErrorCode } from './errors.js';
export { buildDatabase, importDatabase, pushDatabase, updateDatabase } from './load-late.js';
export { findInstalledDatabase, type InstalledDatabase } from './installed.js';
export { metadataFileName, databaseFileName, schemaVersion } from './metadata.js';
export type { DatabaseMeta } from './own-bucket.js';
export type { PushedDatabase, PushOptions } from './push.js';
export type { DatabaseConnections, Patience, UpdatedDatabase, UpdateOptions } from './update.js';
export type { DatabaseOrigin, UpdateAttempt } from './update-record.js';
export {
  type DatabaseSource,
  defaultDatabaseSources,
  parseDatabaseRepository,
  parseDatabaseSource,
} from './update-source.js';
export { readUpdateState, type UpdateState } from './update-state.js';
export { databaseAge, sizeInWords, stateInWords } from './update-words.js';
