export * from './image.js';
export * from './layer-entry.js';
