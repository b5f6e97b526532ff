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
export { buildDatabase, importDatabase } from './load-late.js';
export { findInstalledDatabase, type InstalledDatabase } from './installed.js';
export { metadataFileName, databaseFileName, schemaVersion } from './metadata.js';
export type { DatabaseMeta } from './own-bucket.js';
