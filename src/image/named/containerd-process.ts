import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { metadataPath } from './containerd-paths.js';

const mostTableBytes = 64 << 20;
const mostFiles = 65_536;

/**
 * The root folder of the containerd that listens on a socket, from what Linux tells of sockets and open files: it keeps
 * its metadata open as long as it runs. Nothing where that is not to be had: no such process, no right to look.
 */
export async function rootOfListener(socket: string): Promise<string | undefined> {
  const inode = await inodeOf(socket);
  if (inode === undefined) return undefined;
  for (const id of await containerdProcesses()) {
    const links = await openFiles(id);
    if (!links.has(`socket:[${inode}]`)) continue;
    for (const link of links) {
      if (!link.endsWith(`/${metadataPath}`)) continue;
      const root = link.slice(0, -metadataPath.length - 1);
      // In a container the process sees other files than we do, under the same names.
      for (const seen of [root, join(`/proc/${id}/root`, root)]) if (await isSame(seen, id, link)) return seen;
    }
  }
  return undefined;
}

/** The number of the socket that listens there: `Num RefCount Protocol Flags Type St Inode Path`, flags in hex. */
async function inodeOf(socket: string): Promise<string | undefined> {
  const paths = new Set([socket, await realpath(socket).catch(() => socket)]);
  const table = await readFile('/proc/net/unix').catch(() => undefined);
  if (!table || table.length > mostTableBytes) return undefined;
  for (const line of table.toString('utf8').split('\n')) {
    const fields = line.trim().split(/ +/);
    const path = fields.slice(7).join(' ');
    if (paths.has(path) && (Number.parseInt(fields[3] ?? '', 16) & 0x10000) !== 0) return fields[6];
  }
  return undefined;
}

async function containerdProcesses(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(id)) continue;
    const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'containerd' || name.startsWith('docker-containe')) found.push(id);
  }
  return found;
}

async function openFiles(id: string): Promise<ReadonlySet<string>> {
  const folder = `/proc/${id}/fd`;
  const links = new Set<string>();
  for (const name of (await readdir(folder).catch(() => [])).slice(0, mostFiles)) {
    const link = await readlink(join(folder, name)).catch(() => undefined);
    if (link !== undefined) links.add(link);
  }
  return links;
}

async function isSame(root: string, id: string, link: string): Promise<boolean> {
  try {
    const [ours, theirs] = await Promise.all([stat(join(root, metadataPath)), stat(join(`/proc/${id}/root`, link))]);
    return ours.ino === theirs.ino && ours.dev === theirs.dev;
  } catch {
    return false; // not to be seen from here
  }
}
