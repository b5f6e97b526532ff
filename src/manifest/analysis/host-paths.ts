import { asArray, asObject, asString, type JsonObject } from '../../formats/index.js';
import type { PodView } from './views.js';

/** A `hostPath` volume, and what containers do with it. */
export interface HostPath {
  /** From the pod spec to the path. */
  readonly path: readonly (string | number)[];
  /** As written. */
  readonly text: string;
  /** What the node makes of it: no `..`, no repeated `/`. */
  readonly clean: string;
  readonly volume: JsonObject;
  readonly name: string | undefined;
  /** Containers that mount it, and whether each may write. */
  readonly mounts: readonly Mount[];
}

interface Mount {
  readonly container: string | undefined;
  readonly isWritable: boolean;
}

/** The host's directories that a pod asks for, in the order of its volumes. */
export function hostPathsOf(pod: PodView): readonly HostPath[] {
  let mounts: ReadonlyMap<string, Mount[]> | undefined;
  return (asArray(pod.spec.volumes) ?? []).flatMap((item, at): HostPath[] => {
    const volume = asObject(item);
    const hostPath = asObject(volume?.hostPath);
    if (!volume || !hostPath) return [];
    mounts ??= mountsByVolume(pod);
    const text = asString(hostPath.path) ?? '';
    const name = asString(volume.name);
    const clean = isWindowsPath(text) ? cleanWindowsPath(text) : cleanPath(text);
    const own = name === undefined ? [] : (mounts.get(name) ?? []);
    return [{ path: ['volumes', at, 'hostPath', 'path'], text, clean, volume: hostPath, name, mounts: own }];
  });
}

/** An absolute path without `.`, `..`, repeated and closing slashes. */
export function cleanPath(text: string): string {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** With a drive in front, or two backslashes. */
export function isWindowsPath(text: string): boolean {
  return /^(?:[A-Za-z]:(?:[\\/]|$)|\\\\)/.test(text);
}

/** In the manner of the others, in small letters and without the drive. */
function cleanWindowsPath(text: string): string {
  return cleanPath(
    text
      .toLowerCase()
      .replaceAll('\\', '/')
      .replace(/^[a-z]:/, ''),
  );
}

const sockets: readonly string[] = [
  '/run/docker.sock',
  '/run/docker/containerd/containerd.sock',
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/k0s/containerd.sock',
  '/run/crio/crio.sock',
  '/run/podman/podman.sock',
  '/run/cri-dockerd.sock',
  '/run/dockershim.sock',
  '/run/buildkit/buildkitd.sock',
  '/run/rktlet.sock',
  '/run/frakti.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
  // Of Windows: named pipes.
  '/pipe/docker_engine',
  '/pipe/containerd-containerd',
  '/pipe/dockershim',
];

/** The control socket of a container runtime that a path is, or lies above; `undefined` if none does. */
export function runtimeSocket(clean: string): string | undefined {
  const real = clean === '/var/run' || clean.startsWith('/var/run/') ? clean.slice('/var'.length) : clean;
  if (real === '/' || real === '/var') return undefined;
  const known = sockets.find((socket) => socket === real || socket.startsWith(`${real}/`));
  if (known) return known;
  return /\/(?:docker|containerd|crio|podman|cri-dockerd|buildkitd)\.sock$/.test(real) ? clean : undefined;
}

/** The path is such a socket itself: what it gives away is said by a rule of its own. */
export function isRuntimeSocket(clean: string): boolean {
  return clean.endsWith('.sock') && runtimeSocket(clean) !== undefined;
}

const sensitive: readonly string[] = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/k',
  '/lib',
  '/lib64',
  '/opt/cni',
  '/proc',
  '/program files',
  '/programdata',
  '/root',
  '/run',
  '/sbin',
  '/srv/kubernetes',
  '/sys',
  '/users',
  '/usr',
  '/var/lib/cni',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/docker',
  '/var/lib/etcd',
  '/var/lib/kubelet',
  '/var/lib/rancher',
  '/var/lib/kube-proxy',
  '/var/log',
  '/var/run',
  '/var/spool/cron',
  '/windows',
];

/** What lies in sensitive places and tells nothing that is secret. */
const readableByAll: readonly string[] = [
  '/etc/ca-certificates',
  '/etc/localtime',
  '/etc/os-release',
  '/etc/ssl/certs',
  '/etc/timezone',
  '/lib/modules',
  '/usr/lib/modules',
  '/usr/local/share/ca-certificates',
  '/usr/share/ca-certificates',
  '/usr/share/zoneinfo',
];

/** A file without content that all who change packet filters must share. */
const lockFile = /^(?:\/var)?\/run\/xtables\.lock$/;

/** Whether a path is, lies in, or lies above a part of the node that gives away the node or those who use it. */
export function isSensitive({ clean, mounts }: Pick<HostPath, 'clean' | 'mounts'>): boolean {
  if (clean === '/') return true;
  if (lockFile.test(clean)) return false;
  const isWritten = mounts.some(({ isWritable }) => isWritable);
  const isPublic = readableByAll.some((place) => clean === place || clean.startsWith(`${place}/`));
  if (isPublic && !isWritten) return false;
  return sensitive.some((place) => clean === place || clean.startsWith(`${place}/`) || place.startsWith(`${clean}/`));
}

function mountsByVolume(pod: PodView): ReadonlyMap<string, Mount[]> {
  const byVolume = new Map<string, Mount[]>();
  for (const { name, value } of pod.containers) {
    for (const item of asArray(value.volumeMounts) ?? []) {
      const mount = asObject(item);
      if (typeof mount?.name !== 'string') continue;
      const list = byVolume.get(mount.name) ?? [];
      list.push({ container: name, isWritable: mount.readOnly !== true });
      byVolume.set(mount.name, list);
    }
  }
  return byVolume;
}
