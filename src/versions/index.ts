export * from './schemes.js';
export { VersionError, type VersionScheme } from './version-scheme.js';
export { type DpkgVersion, parseDpkgVersion } from './schemes/dpkg.js';
