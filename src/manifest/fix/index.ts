export * from './apply-edits.js';
