import { resolvePath, textOf, type Host } from './host.js';
import { findUnit, unitFolders, withPieces, type SetupFile } from './setup-pieces.js';

const manifestFolders = ['/etc/kubernetes/manifests', '/var/lib/rancher/rke2/agent/pod-manifests'] as const;

const configurations = ['/etc/rancher/k3s/config.yaml', '/etc/rancher/rke2/config.yaml'] as const;
const units = ['kube-apiserver.service', 'k3s.service', 'rke2-server.service'] as const;

/** Places that are looked at for how the API server is started, for messages. */
export const usualPlaces: readonly string[] = [
  ...manifestFolders.map((folder) => `${folder}/*`),
  ...configurations,
  ...units.map((unit) => `${unitFolders[0]}/${unit}`),
];

/** The first usual place that starts a kube-apiserver, or passes words to it, with all that is read with it. */
export async function findApiServerFile(host: Host): Promise<SetupFile | undefined> {
  for (const folder of manifestFolders) {
    const [found] = await apiServerManifests(host, folder);
    if (found !== undefined) return found;
  }
  for (const path of configurations) {
    const entry = await host.look(path);
    // Its pieces count without it, too.
    const main = { path, text: entry.kind === 'file' ? textOf(entry.bytes) : '' };
    const found = await withPieces(host, main);
    if (namesApiServer(main) || found.pieces?.dropIns.some(namesApiServer) === true) return found;
  }
  for (const name of units) {
    const unit = await findUnit(host, name);
    if (unit && [unit, ...(unit.pieces?.dropIns ?? [])].some(namesApiServer)) return unit;
  }
  return undefined;
}

function namesApiServer({ text }: SetupFile): boolean {
  return text.includes('kube-apiserver');
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
