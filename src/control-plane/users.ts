import { textOf, type Host } from './host.js';

/** A user of the host, as its files know it. */
export interface HostUser {
  readonly userId: number;
  readonly groupIds: readonly number[];
}

/** Looks a user up in `/etc/passwd` and `/etc/group` of the host, by name or number; nothing if it is not there. */
export async function findUser(host: Host, name: string): Promise<HostUser | undefined> {
  const users = await rows(host, '/etc/passwd');
  const found = users.find(([user, , id]) => user === name || id === name);
  const userId = Number(found?.[2]);
  if (found === undefined || !Number.isInteger(userId)) return undefined;
  const groups = await rows(host, '/etc/group');
  const others = groups.filter(([, , , members = '']) => members.split(',').includes(found[0] ?? ''));
  return { userId, groupIds: [found[3], ...others.map(([, , id]) => id)].map(Number).filter(Number.isInteger) };
}

async function rows(host: Host, path: string): Promise<readonly (readonly string[])[]> {
  const entry = await host.look(path);
  if (entry.kind !== 'file') return [];
  return textOf(entry.bytes)
    .split('\n')
    .map((line) => line.trim().split(':'));
}
