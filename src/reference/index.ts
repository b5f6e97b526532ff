export * from './digest.js';
export * from './official.js';
export * from './platform.js';
export * from './reference.js';
