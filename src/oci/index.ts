export { type Descriptor } from './descriptor.js';
export { type DockerArchiveImage, parseDockerArchiveList } from './docker-archive-list.js';
export { type HistoryEntry, type ImageConfig, layerHistory, parseImageConfig } from './image-config.js';
export { type ImageIndex, isAttestation, parseImageIndex } from './image-index.js';
export { checkOciLayout } from './layout.js';
export { artifactTypeOf, isImageManifest, type Manifest, parseManifest } from './manifest.js';
export { mediaKind, type MediaKind } from './media-types.js';
