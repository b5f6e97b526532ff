export * from './severity.js';
export * from './finding.js';
export * from './unknown.js';
