export { type BuildOptions, buildDatabase, type BuiltDatabase } from './build.js';
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
export { importDatabase } from './import.js';
export { findInstalledDatabase, type InstalledDatabase } from './installed.js';
export { metadataFileName, databaseFileName, schemaVersion } from './metadata.js';
export type { DatabaseMeta } from './own-bucket.js';
