export * from './cataloger.js';
export {
  type CatalogOptions,
  catalogers,
  catalogFingerprint,
  createLayerCatalog,
  type LayerCatalog,
} from './catalog.js';
export { decodeLayerFacts, encodeLayerFacts } from './facts-encoding.js';
export * from './image-facts.js';
export * from './layer-facts.js';
export { type ListedPath, type PathCursor, type PathKind, PathListing } from './path-listing.js';
export { type SquashOptions, squashLayers } from './squash.js';
