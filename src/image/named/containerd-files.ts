import { join } from 'node:path';
import type { FileStore, StoredFile } from '../file-store.js';
import { folderFiles } from '../folder-files.js';
import type { ContainerdImage } from './containerd-look-up.js';
import { contentPath } from './containerd-paths.js';

/** The blobs of containerd's content store as an OCI image layout of one image: it only lacks an `index.json`. */
export function containerdFiles(root: string, image: Pick<ContainerdImage, 'name' | 'target'>): FileStore {
  const content = folderFiles(join(root, contentPath));
  const index = memoryFile('index.json', indexOf(image));
  const find = async (path: string) => {
    if (path === index.path) return index;
    return path.startsWith('blobs/') ? await content.find(path) : undefined;
  };
  return {
    noun: 'content store of containerd',
    find,
    async findAll(path) {
      const file = await find(path);
      return file ? [file] : [];
    },
    close: () => content.close(),
  };
}

function indexOf({ name, target }: Pick<ContainerdImage, 'name' | 'target'>): Uint8Array {
  const { mediaType, digest, sizeBytes } = target;
  const annotations = { 'io.containerd.image.name': name };
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size: sizeBytes, annotations }] };
  return new TextEncoder().encode(JSON.stringify(index));
}

function memoryFile(path: string, bytes: Uint8Array): StoredFile {
  return {
    path,
    sizeBytes: bytes.length,
    async *open() {
      yield bytes;
    },
  };
}
