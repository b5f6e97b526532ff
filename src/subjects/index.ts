export * from './object-subject.js';
export * from './scan-facts.js';
export * from './source-object.js';
export * from './stored-report.js';
export * from './unknown-manifest-rules.js';
