export * from './apply-edits.js';
export * from './unified-diff.js';
