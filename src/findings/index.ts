export * from './severity.js';
export * from './finding.js';
export * from './unknown.js';
export * from './order.js';
export * from './sources.js';
