export * from './glob.js';
export * from './json.js';
export * from './yaml.js';
