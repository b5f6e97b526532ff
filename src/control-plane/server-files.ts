import type { ApiServer } from './api-server.js';
import { type FaultList, quote, type Place } from './fault.js';
import { folderOf, resolvePath, textOf, type Host } from './host.js';
import type { FaultId } from './kinds/index.js';
import { mapToContainer, mapToHost, type Mount } from './mounts.js';

/** A file that could be read. */
export interface ReadFile {
  /** Path on the host. */
  readonly path: string;
  /** The same as a person finds it. */
  readonly file: string;
  readonly text: string;
}

/** Something that is there and could not be looked at. */
export interface UnreadFile {
  readonly file: string;
  readonly reason: string;
}

export interface Wanted {
  /** As it is written, relative to `folder` where it is relative. */
  readonly path: string;
  /** Folder of relative paths, in the API server's own view. */
  readonly folder: string;
  /** Where it is written. */
  readonly place: Place;
  /** What it is, for messages: `the kubeconfig`. */
  readonly what: string;
  /** Not only the owner should be able to read it. */
  readonly isSecret?: boolean | undefined;
  readonly missing?: FaultId | undefined;
}

/** The files of a host as the API server sees them: through its mounts, as its user. */
export class ServerFiles {
  /** What is there and could not be read by us. */
  readonly unread: UnreadFile[] = [];
  readonly #host: Host;
  readonly #server: ApiServer | undefined;
  readonly #faults: FaultList;

  constructor(host: Host, server: ApiServer | undefined, faults: FaultList) {
    this.#host = host;
    this.#server = server;
    this.#faults = faults;
  }

  /** The file; nothing if the API server could not read it, or we cannot: the first is a fault. */
  async read(wanted: Wanted): Promise<ReadFile | undefined> {
    const inside = resolvePath(wanted.folder, wanted.path);
    const path = await this.#onHost(inside, wanted);
    return path === undefined ? undefined : await this.readHost(path, wanted, inside);
  }

  /** The same for a path of the host. */
  async readHost(path: string, wanted: Omit<Wanted, 'folder'>, inside = path): Promise<ReadFile | undefined> {
    const entry = await this.#host.look(path);
    const { what, place } = wanted;
    const file = this.#host.shown(path);
    switch (entry.kind) {
      case 'file':
        this.#checkMode(entry, wanted, file);
        return { path, file, text: textOf(entry.bytes) };
      case 'missing':
        this.#faults.add(wanted.missing ?? 'file-missing', place, {
          what: `${what} ${quote(inside)} is not there${inside === path ? '' : ` (on the host: ${path})`}`,
          fix: await this.#nearby(path),
        });
        return undefined;
      case 'unreadable':
        this.unread.push({ file, reason: entry.reason });
        return undefined;
      default:
        this.#faults.add('file-is-folder', place, { what: `${what} ${quote(inside)} is a folder or no plain file` });
        return undefined;
    }
  }

  /** Path on the host of a folder that the API server lists; nothing if there is none. */
  async folder(wanted: Wanted): Promise<{ readonly path: string; readonly names: readonly string[] } | undefined> {
    const inside = resolvePath(wanted.folder, wanted.path);
    const path = await this.#onHost(inside, wanted);
    if (path === undefined) return undefined;
    const entry = await this.#host.look(path);
    if (entry.kind === 'folder') return { path, names: entry.names };
    if (entry.kind === 'unreadable') this.unread.push({ file: this.#host.shown(path), reason: entry.reason });
    else {
      this.#faults.add(wanted.missing ?? 'file-missing', wanted.place, {
        what: `${wanted.what} ${quote(inside)} is ${entry.kind === 'missing' ? 'not there' : 'no folder'}`,
      });
    }
    return undefined;
  }

  /** Follows a path of the API server to the host. Where no mount leads there, its own path is looked at, to find more. */
  async #onHost(inside: string, { place, what }: Wanted): Promise<string | undefined> {
    const table = this.#server?.mounts;
    if (table === undefined) return inside;
    const mapped = mapToHost(table, inside);
    if (mapped.kind === 'host') {
      await this.#checkMount(mapped.mount, inside);
      return mapped.path;
    }
    if (mapped.kind === 'elsewhere') {
      const { volume, name, place: at } = mapped.mount;
      if (volume !== undefined) {
        this.#faults.add('volume-not-host-path', at, {
          what: `${what} ${quote(inside)} would come from the volume ${quote(name)}, which is of type ${volume.source}`,
        });
      }
    }
    const there = (await this.#host.look(inside)).kind !== 'missing';
    if (mapped.kind === 'elsewhere') return there ? inside : undefined;
    const seenAs = there ? mapToContainer(table, inside) : undefined;
    if (seenAs === undefined) {
      this.#faults.add('path-not-mounted', place, {
        what: `${what} ${quote(inside)} is below no volumeMount`,
        fix: there
          ? `add a hostPath volume for ${folderOf(inside)} and a volumeMount with the same path`
          : `put it below a mounted folder, or mount ${folderOf(inside)}`,
      });
    } else {
      this.#faults.add('path-is-host-path', place, {
        what: `${what} ${quote(inside)} is on the host; in the container it is ${quote(seenAs)}`,
        fix: `write ${seenAs}`,
      });
    }
    return there ? inside : undefined;
  }

  async #checkMount(mount: Mount, inside: string): Promise<void> {
    const { volume, readOnly, place, mountPath } = mount;
    if (volume?.hostPath === undefined) return;
    const isOwn = mountPath !== '/etc/kubernetes/pki' && !mountPath.startsWith('/etc/ssl');
    if (!readOnly && isOwn) {
      this.#faults.add('mount-writable', place, { what: `${mountPath} is mounted without readOnly: true` });
    }
    const entry = await this.#host.look(volume.hostPath);
    const { type } = volume;
    if (entry.kind === 'missing') {
      if (type === '' || type === 'Directory' || type === 'File') {
        this.#faults.add('host-path-missing', volume.place, {
          what: `the host has no ${quote(volume.hostPath)}, which is mounted at ${mountPath}`,
        });
      }
      return;
    }
    const isWrong =
      (entry.kind === 'folder' && (type === 'File' || type === 'FileOrCreate')) ||
      (entry.kind === 'file' && (type === 'Directory' || type === 'DirectoryOrCreate'));
    if (isWrong) {
      this.#faults.add('host-path-type', volume.place, {
        what: `${quote(volume.hostPath)} is a ${entry.kind}, and type says ${type}`,
      });
    }
    if (entry.kind === 'file' && inside === mountPath) {
      this.#faults.add('mount-of-one-file', place, { what: `${mountPath} is mounted by itself` });
    }
  }

  #checkMode(
    entry: { readonly mode: number; readonly userId: number; readonly groupId: number },
    { place, what, isSecret }: Omit<Wanted, 'folder'>,
    file: string,
  ): void {
    const { mode, userId, groupId } = entry;
    const octal = `0${mode.toString(8)}`;
    if (isSecret === true && (mode & 0o004) !== 0) {
      this.#faults.add('key-world-readable', { file }, { what: `${what} has mode ${octal}`, fix: `chmod 600 ${file}` });
    }
    const server = this.#server;
    if (server?.userId === undefined) return;
    const bit = userId === server.userId ? 0o400 : server.groupIds.includes(groupId) ? 0o040 : 0o004;
    if ((mode & bit) !== 0) return;
    this.#faults.add('file-forbidden', place, {
      what: `${what} ${file} has mode ${octal} and belongs to ${userId}:${groupId}; the API server runs as user ${server.userId}`,
    });
  }

  /** A file of nearly the same name in the same folder. */
  async #nearby(path: string): Promise<string | undefined> {
    const folder = folderOf(path);
    const entry = await this.#host.look(folder);
    if (entry.kind === 'missing') return `make the folder ${folder} and put the file there, or correct the path`;
    if (entry.kind !== 'folder') return undefined;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const stem = (text: string): string =>
      text
        .toLowerCase()
        .replace(/\.[a-z]+$/, '')
        .replaceAll(/[^a-z0-9]/g, '');
    const near = entry.names.find((other) => stem(other) === stem(name));
    return near === undefined ? undefined : `there is ${near} in the folder: correct the path`;
  }
}
