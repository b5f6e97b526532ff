export * from './json.js';
export * from './result.js';
export * from './table.js';
