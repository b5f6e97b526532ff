export { ImageError, type ImageErrorCode } from './errors.js';
export * from './image.js';
export * from './in-root.js';
export * from './layer-entry.js';
export { hashLayer, visitLayer } from './layer-reading.js';
export { openNamedImage, type NamedSourceId, namedSources, type OpenNamedOptions } from './named/open-named.js';
export { openImages, type OpenOptions } from './open-images.js';
export { concernsImage } from './open-store.js';
export { describeLayer, type LayerDescription, placedLayer } from './placed-layer.js';
