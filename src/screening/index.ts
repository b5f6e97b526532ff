export * from './errors.js';
export * from './exceptions.js';
export * from './filters.js';
export * from './ignore-file.js';
export * from './purl-pattern.js';
export * from './verdict.js';
