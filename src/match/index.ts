export * from './advisory.js';
export * from './match-result.js';
export { type ApplicationMatchInput, matchApplication } from './match-application.js';
export { matchOsPackages, type OsMatchInput } from './match-os-packages.js';
