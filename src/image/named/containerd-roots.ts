import { dirname, join } from 'node:path';
import { printable } from '../choose.js';
import { ImageError } from '../errors.js';
import { metadataPath } from './containerd-paths.js';
import { isThere, readSetting } from './setting-file.js';
import type { NamedImage } from './named-source.js';

/** A folder in which a containerd keeps its files. */
export interface ContainerdRoot {
  readonly path: string;
  /** Where images are looked for when nobody says. */
  readonly namespaces: readonly string[];
}

const usualNamespaces = ['k8s.io', 'default'];
const standard = '/var/lib/containerd';
const k3s = '/var/lib/rancher/k3s/agent/containerd';
const rke2 = '/var/lib/rancher/rke2/agent/containerd';
const microk8s = '/var/snap/microk8s/common/var/lib/containerd';
const k0s = '/var/lib/k0s/containerd';
const dockers = '/var/lib/docker/containerd/daemon';

/** Sockets, and where those who listen on them keep their files. */
const rootsOfSockets: Readonly<Record<string, readonly string[]>> = {
  '/run/containerd/containerd.sock': [standard],
  '/run/k3s/containerd/containerd.sock': [k3s, rke2],
  '/run/k0s/containerd.sock': [k0s],
  '/var/snap/microk8s/common/run/containerd.sock': [microk8s],
  '/run/docker/containerd/containerd.sock': [dockers],
};

const systemConfig = '/etc/containerd/config.toml';
const defaultSocket = '/run/containerd/containerd.sock';

/**
 * Folders of containerd that are there: the one that `CONTAINERD_ROOT` names, or that of the containerd behind
 * `CONTAINERD_ADDRESS`, or else the usual ones. At least one.
 * @throws ImageError `SOURCE_UNAVAILABLE`
 */
export async function findContainerdRoots(
  environment: NamedImage['environment'],
): Promise<readonly [ContainerdRoot, ...ContainerdRoot[]]> {
  const address = environment['CONTAINERD_ADDRESS']?.replace(/^unix:\/\//, '');
  const named = environment['CONTAINERD_ROOT'];
  const paths = named ? [named] : address ? await rootsBehind(address) : await usualRoots(environment);
  const present: ContainerdRoot[] = [];
  for (const path of new Set(paths)) {
    if (await isThere(join(path, metadataPath))) present.push({ path, namespaces: namespacesIn(path) });
  }
  const [first, ...others] = present;
  if (first) return [first, ...others];
  const looked = printable(join(paths[0] ?? standard, metadataPath));
  throw new ImageError('SOURCE_UNAVAILABLE', `containerd is not here: ${looked} does not exist`, {
    hint: 'CONTAINERD_ROOT names the folder in which containerd keeps its files',
  });
}

/** Docker calls its own one so. */
function namespacesIn(root: string): readonly string[] {
  return root.endsWith('/docker/containerd/daemon') ? ['moby', ...usualNamespaces] : usualNamespaces;
}

async function rootsBehind(address: string): Promise<readonly string[]> {
  const socket = address.replace(/^\/var\/run\//, '/run/');
  const known = Object.hasOwn(rootsOfSockets, socket) ? (rootsOfSockets[socket] ?? []) : [];
  const { rootOfListener } = await import('./containerd-process.js');
  const listener = await rootOfListener(address);
  if (listener !== undefined) return [listener];
  if (socket === defaultSocket) return [...(await rootsIn(systemConfig)), ...known];
  if (known.length > 0) return known;
  const beside = await rootsBeside(address);
  if (beside.length > 0) return beside;
  const isListening = await isThere(address);
  const why = isListening ? 'it is not known where the containerd behind it keeps its files' : 'it does not exist';
  throw new ImageError('SOURCE_UNAVAILABLE', `containerd is not at ${printable(address)}: ${why}`, {
    hint: 'run it as root, or name the folder of its files with CONTAINERD_ROOT',
  });
}

/** A containerd that somebody set up in a folder of its own has its files there too, whether it runs or not. */
async function rootsBeside(address: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of [dirname(address), dirname(dirname(address))]) {
    const configured = await rootsIn(join(folder, 'config.toml'));
    for (const path of [...configured, join(folder, 'root'), folder]) {
      if (await isThere(join(path, metadataPath))) found.push(path);
    }
  }
  return found;
}

async function usualRoots(environment: NamedImage['environment']): Promise<readonly string[]> {
  const home = environment['HOME'];
  const data = environment['XDG_DATA_HOME'] || (home && join(home, '.local/share'));
  const own = data ? [join(data, 'containerd'), join(data, 'docker/containerd/daemon')] : [];
  return [...(await rootsIn(systemConfig)), standard, k3s, rke2, microk8s, k0s, dockers, ...own];
}

async function rootsIn(config: string): Promise<readonly string[]> {
  const bytes = await readSetting(config, 'containerd');
  const root = bytes && rootInConfig(new TextDecoder().decode(bytes));
  return root === undefined ? [] : [root];
}

/** The value of `root` in front of all tables of a TOML file: the one line of it that matters here. */
export function rootInConfig(toml: string): string | undefined {
  for (const line of toml.split('\n')) {
    const text = line.trim();
    if (text.startsWith('[')) return undefined;
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(equals, 0)).trim();
    if (key === 'root' || key === '"root"' || key === "'root'") return readString(text.slice(equals + 1).trim());
  }
  return undefined;
}

/** A TOML string on one line, literal or basic; JSON's escapes are all that a path needs. */
function readString(text: string): string | undefined {
  if (text.startsWith("'")) {
    const end = text.indexOf("'", 1);
    return end > 1 ? text.slice(1, end) : undefined;
  }
  if (!text.startsWith('"')) return undefined;
  let end = 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  try {
    const value: unknown = JSON.parse(text.slice(0, end + 1));
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined; // containerd itself would not start with it
  }
}
