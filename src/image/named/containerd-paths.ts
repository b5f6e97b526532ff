/** Of containerd's metadata, below its root folder. */
export const metadataPath = 'io.containerd.metadata.v1.bolt/meta.db';
/** Of the folder that has `blobs`, below the root folder. */
export const contentPath = 'io.containerd.content.v1.content';
