export * from './operating-system.js';
export * from './package.js';
