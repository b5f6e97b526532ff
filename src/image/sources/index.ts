export { dockerArchive } from './docker-archive.js';
export { ociLayout } from './oci-layout.js';
