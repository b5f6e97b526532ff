export * from './bbolt/index.js';
export * from './glob.js';
export * from './json.js';
export * from './yaml.js';
