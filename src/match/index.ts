export * from './advisory.js';
export * from './match-result.js';
