export { type Cache, type CacheOptions, noCache } from './cache.js';
export { openCache } from './open-cache.js';
