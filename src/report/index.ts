export * from './scan-report.js';
export * from './summarize.js';
export * from './write.js';
export type { Scanner, TableMode, WriteOptions, Writer } from './writer.js';
export { clipText, plainLine, plainText } from './plain-text.js';
