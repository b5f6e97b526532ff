export * from './context.js';
export * from './errors.js';
export * from './limits.js';
export * from './random-access.js';
