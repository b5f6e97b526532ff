export * from './json.js';
export * from './yaml.js';
