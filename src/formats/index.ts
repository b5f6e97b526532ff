export * from './bbolt/index.js';
export * from './glob.js';
export * from './json.js';
export * from './tar-directory.js';
export * from './tar-entry.js';
export * from './tar-parser.js';
export * from './tar-path.js';
export * from './yaml.js';
