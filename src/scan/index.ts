export { defaultCacheDir, factsFolder } from './cache-folders.js';
export { toolVersion } from './build-report.js';
export { checkRequest } from './check-request.js';
export * from './errors.js';
export { openScanDatabase, starterDatabasePath } from './open-database.js';
export { scanImage } from './scan-image.js';
export type { ScanRequest } from './scan-request.js';
