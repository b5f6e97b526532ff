import type { Stats } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, limits, messageOf } from '../core/index.js';
import { folderOf, resolvePath, type Host, type HostEntry } from './host.js';

const mostLinks = 40;
const mostNames = 10_000;

/**
 * The host whose `/` is the folder `root`: links of it are followed as it would follow them itself, and never lead out.
 */
export function openHost(root: string): Host {
  const shown = (path: string): string => (root === '/' ? path : join(root, path));
  return {
    async look(path) {
      try {
        const real = await realPathOf(root, path);
        return real === undefined ? { kind: 'missing' } : await entryAt(join(root, real));
      } catch (error) {
        return { kind: 'unreadable', reason: messageOf(error) };
      }
    },
    shown,
  };
}

async function entryAt(path: string): Promise<HostEntry> {
  const stats = await lstat(path);
  if (stats.isDirectory()) return { kind: 'folder', names: (await readdir(path)).slice(0, mostNames).sort() };
  if (!stats.isFile()) return { kind: 'other' };
  if (stats.size > limits.userFileBytes) {
    return { kind: 'unreadable', reason: `it has more than ${limits.userFileBytes} bytes` };
  }
  const { mode, uid: userId, gid: groupId } = stats;
  return { kind: 'file', bytes: await readBounded(path), mode: mode & 0o7777, userId, groupId };
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const pieces: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(64 * 1024));
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > limits.userFileBytes) throw new Error(`it has more than ${limits.userFileBytes} bytes`);
      pieces.push(buffer.subarray(0, bytesRead));
    }
    const bytes = new Uint8Array(total);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** The path with every link replaced, seen from `root`; nothing if there is none. */
async function realPathOf(root: string, path: string): Promise<string | undefined> {
  let here = '/';
  const left = resolvePath('/', path).split('/').filter(Boolean).reverse();
  let links = 0;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const next = resolvePath(here, part);
    const stats = await statsOf(join(root, next));
    if (stats === undefined) return undefined;
    if (!stats.isSymbolicLink()) {
      here = next;
      continue;
    }
    if (++links > mostLinks) throw new Error('too many links');
    const target = resolvePath(folderOf(next), await readlink(join(root, next)));
    here = '/';
    left.push(...target.split('/').filter(Boolean).reverse());
  }
  return here;
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}
