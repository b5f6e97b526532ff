export * from './cataloger.js';
export * from './image-facts.js';
export * from './layer-facts.js';
