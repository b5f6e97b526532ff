import { resolvePath, textOf, type Host } from './host.js';

const manifestFolders = ['/etc/kubernetes/manifests', '/var/lib/rancher/rke2/agent/pod-manifests'] as const;

const otherFiles = [
  '/etc/rancher/k3s/config.yaml',
  '/etc/rancher/rke2/config.yaml',
  '/etc/systemd/system/kube-apiserver.service',
  '/lib/systemd/system/kube-apiserver.service',
  '/usr/lib/systemd/system/kube-apiserver.service',
  '/etc/systemd/system/k3s.service',
] as const;

/** Places that are looked at for how the API server is started, for messages. */
export const usualPlaces: readonly string[] = [...manifestFolders.map((folder) => `${folder}/*`), ...otherFiles];

/** A file that may say how the API server is started. */
export interface SetupFile {
  readonly path: string;
  readonly text: string;
}

/** The first usual place that starts a kube-apiserver, or passes words to it. */
export async function findApiServerFile(host: Host): Promise<SetupFile | undefined> {
  for (const folder of manifestFolders) {
    const [found] = await apiServerManifests(host, folder);
    if (found !== undefined) return found;
  }
  for (const path of otherFiles) {
    const entry = await host.look(path);
    if (entry.kind !== 'file') continue;
    const text = textOf(entry.bytes);
    if (/kube-apiserver/.test(text)) return { path, text };
  }
  return undefined;
}

/** The files of a folder, those that begin with a dot aside, whose pod is an API server: the usual name first. */
export async function apiServerManifests(host: Host, folder: string): Promise<readonly SetupFile[]> {
  const entry = await host.look(folder);
  if (entry.kind !== 'folder') return [];
  const found: SetupFile[] = [];
  for (const name of [...entry.names].sort((a, b) => Number(isUsual(b)) - Number(isUsual(a)))) {
    if (name.startsWith('.')) continue;
    const path = resolvePath(folder, name);
    const file = await host.look(path);
    if (file.kind !== 'file') continue;
    const text = textOf(file.bytes);
    if (
      /\bkind["']?\s*:\s*["']?Pod\b/.test(text) &&
      /kube-apiserver\b/.test(text) &&
      /--etcd-servers|--secure-port|--advertise-address|name:\s*kube-apiserver/.test(text)
    ) {
      found.push({ path, text });
    }
  }
  return found;
}

function isUsual(name: string): boolean {
  return /^kube-apiserver\.(?:yaml|yml|json|manifest)$/.test(name);
}
