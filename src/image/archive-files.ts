import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { FormatError, type RandomAccess } from '../core/index.js';
import { cleanPath, readTarDirectory, type TarMember } from '../formats/index.js';
import { asImageError } from './errors.js';
import { readRange } from './file-range.js';
import type { FileStore, StoredFile } from './file-store.js';

/** Links between members that are followed before they count as a loop. */
const mostHops = 10;

/**
 * The members of a plain tar archive, found by seeking; their data is read only when asked for. Closing it closes the
 * handle.
 * @throws ImageError `ARCHIVE_CORRUPT`, `LIMIT_EXCEEDED`
 */
export async function archiveFiles(handle: FileHandle, name: string): Promise<FileStore> {
  const { size } = await handle.stat();
  const members = new Map<string, TarMember[]>();
  try {
    for (const member of readTarDirectory(randomAccess(handle, size))) {
      const known = members.get(member.entry.path);
      if (known) known.push(member);
      else members.set(member.entry.path, [member]);
    }
  } catch (thrown) {
    throw asImageError(thrown, name, 'ARCHIVE_CORRUPT');
  }
  const findAll = (path: string): readonly StoredFile[] =>
    resolve(members, path).map(({ entry, dataFrom }) => ({
      path: entry.path,
      sizeBytes: entry.storedBytes,
      place: { file: handle.fd, position: dataFrom, length: entry.storedBytes },
      open: (signal) => readRange(handle, dataFrom, entry.storedBytes, signal),
    }));
  let open = true;
  return {
    noun: 'archive',
    find: async (path) => findAll(path).at(-1),
    findAll: async (path) => findAll(path),
    async close() {
      if (open) await handle.close();
      open = false;
    },
  };
}

/** Regular members of this path; docker made layers that repeat a symbolic link to the first of them. */
function resolve(members: ReadonlyMap<string, readonly TarMember[]>, path: string): readonly TarMember[] {
  let at = path;
  for (let hop = 0; hop < mostHops; hop++) {
    const found = members.get(at) ?? [];
    const link = found.at(-1)?.entry;
    if (link?.type === 'symlink') {
      const target = link.linkTarget ?? '';
      at = cleanPath(target.startsWith('/') ? target : `${dirname(at)}/${target}`);
    } else if (link?.type === 'hardlink') at = link.linkTarget ?? '';
    else return found.filter((member) => member.entry.type === 'file' && !member.entry.sparse);
  }
  return [];
}

function randomAccess(handle: FileHandle, size: number): RandomAccess {
  return {
    size,
    read(position, length) {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const count = readSync(handle.fd, bytes, filled, length - filled, position + filled);
        if (count === 0) throw new FormatError('TRUNCATED', 'the file ends too early');
        filled += count;
      }
      return bytes;
    },
  };
}
