export * from './digest.js';
export * from './platform.js';
