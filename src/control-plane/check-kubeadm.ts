import { asArray, asObject, asString, type JsonObject } from '../formats/index.js';
import { imagePolicyPlugin } from './admission-configuration.js';
import type { ApiServer } from './api-server.js';
import { FaultList, quote } from './fault.js';
import { lastFlag, listOf, readFlags, type Flag } from './flags.js';
import { resolvePath, textOf, type Host } from './host.js';
import type { SetupFile } from './setup-pieces.js';
import { readDocuments, type LocatedDocument } from './source-file.js';

/** Where a configuration of kubeadm lies that was kept: kubeadm itself keeps it in the cluster only. */
export const kubeadmPlaces = [
  '/etc/kubernetes/kubeadm-config.yaml',
  '/etc/kubernetes/kubeadm.yaml',
  '/etc/kubeadm.yaml',
  '/root/kubeadm-config.yaml',
  '/root/kubeadm.yaml',
  '/kind/kubeadm.conf',
  '/var/tmp/minikube/kubeadm.yaml',
] as const;

/** The configuration of kubeadm at the first of the usual places that has one. */
export async function findKubeadm(host: Host): Promise<SetupFile | undefined> {
  for (const path of kubeadmPlaces) {
    const entry = await host.look(path);
    if (entry.kind !== 'file') continue;
    const text = textOf(entry.bytes);
    if (text.includes('kubeadm.k8s.io')) return { path, text };
  }
  return undefined;
}

export interface KubeadmCheck {
  readonly host: Host;
  readonly server: ApiServer;
  /** Its path as a person finds it. */
  readonly file: SetupFile;
}

/**
 * Compares what the manifest says of admission with what kubeadm would write: `extraArgs`, `extraVolumes` and the patches of
 * a folder that the configuration names. It is read from a file, or from the ConfigMap `kubeadm-config` as kubectl prints it.
 */
export async function checkKubeadm({ host, server, file }: KubeadmCheck, faults: FaultList): Promise<void> {
  if (server.kind !== 'static pod') return;
  const documents = configurations(readDocuments(file.text, file.path, faults));
  const cluster = documents.find(({ value }) => asObject(value)?.['kind'] === 'ClusterConfiguration');
  if (cluster === undefined) return;
  const patches = await readPatches(host, documents);
  const apiServer = asObject(asObject(cluster.value)?.['apiServer']);
  const flags = readFlags(
    argumentsOf(apiServer).map(([name, value]) => ({ text: `--${name}=${value}`, place: { file: undefined } })),
  );
  const isPatched = (text: string): boolean => patches.some((patch) => patch.includes(text));
  const say = (flag: Flag, what: string): void =>
    faults.add('kubeadm-drift', flag.place, { what: `${what}, and ${file.path} does not have it` });

  const isEnabled = (all: readonly Flag[]): boolean =>
    listOf(all, 'enable-admission-plugins').some(({ text }) => text === imagePolicyPlugin);
  const enabling = lastFlag(server.flags, 'enable-admission-plugins');
  if (enabling && isEnabled(server.flags) && !isEnabled(flags) && !isPatched(imagePolicyPlugin)) {
    say(enabling, `the manifest enables ${imagePolicyPlugin}`);
  }
  const config = lastFlag(server.flags, 'admission-control-config-file');
  if (config?.value !== undefined) {
    const kept = lastFlag(flags, 'admission-control-config-file')?.value;
    if (kept !== config.value && !isPatched(config.value)) {
      say(config, `the manifest has --admission-control-config-file=${quote(config.value)}`);
    }
    checkVolumes(server, { apiServer, isPatched, path: config.value, file: file.path }, faults);
  }
}

/** The mount through which the configuration is seen, unless it is one that kubeadm always makes. */
function checkVolumes(
  { mounts }: ApiServer,
  kept: {
    readonly apiServer: JsonObject | undefined;
    readonly isPatched: (text: string) => boolean;
    readonly path: string;
    readonly file: string;
  },
  faults: FaultList,
): void {
  const mount = mounts?.mounts.find(({ mountPath }) => kept.path.startsWith(`${mountPath}/`));
  if (mount === undefined || ownMounts.some((path) => mount.mountPath === path)) return;
  const paths = (asArray(kept.apiServer?.['extraVolumes']) ?? []).map((one) => asString(asObject(one)?.['mountPath']));
  if (paths.some((path) => path !== undefined && resolvePath('/', path) === mount.mountPath)) return;
  if (kept.isPatched(mount.mountPath)) return;
  faults.add('kubeadm-drift', mount.place, {
    what: `the manifest mounts ${quote(mount.mountPath)}, and ${kept.file} does not have it`,
  });
}

const ownMounts: readonly string[] = ['/etc/kubernetes/pki', '/etc/ssl/certs', '/etc/pki', '/etc/ca-certificates'];

/** As they are written, and those that stand as a text in a ConfigMap. */
function configurations(documents: readonly LocatedDocument[]): readonly LocatedDocument[] {
  return documents.flatMap((document) => {
    const value = asObject(document.value);
    if (value?.['kind'] !== 'ConfigMap') return [document];
    const text = asString(asObject(value['data'])?.['ClusterConfiguration']);
    return text === undefined ? [] : readDocuments(text, document.file, new FaultList());
  });
}

/** `extraArgs`: a mapping up to v1beta3, from v1beta4 on a list of names and values. */
function argumentsOf(apiServer: JsonObject | undefined): readonly (readonly [string, string])[] {
  const given = apiServer?.['extraArgs'];
  const list = asArray(given);
  if (list === undefined) {
    return Object.entries(asObject(given) ?? {}).map(([name, value]) => [
      name,
      asString(value) ?? JSON.stringify(value),
    ]);
  }
  return list.flatMap((item) => {
    const name = asString(asObject(item)?.['name']);
    return name === undefined ? [] : [[name, asString(asObject(item)?.['value']) ?? ''] as const];
  });
}

const mostPatches = 50;

async function readPatches(host: Host, documents: readonly LocatedDocument[]): Promise<readonly string[]> {
  const folders = documents.flatMap(({ value }) => {
    const root = asObject(value);
    const holders = [root, asObject(root?.['apply']), asObject(root?.['node'])];
    return holders.flatMap((holder) => asString(asObject(holder?.['patches'])?.['directory']) ?? []);
  });
  const texts: string[] = [];
  for (const folder of new Set(folders)) {
    const entry = await host.look(resolvePath('/', folder));
    if (entry.kind !== 'folder') continue;
    for (const name of entry.names
      .filter((one) => /^kube-apiserver\d*.*\.(?:ya?ml|json)$/.test(one))
      .slice(0, mostPatches)) {
      const file = await host.look(resolvePath(folder, name));
      if (file.kind === 'file') texts.push(textOf(file.bytes));
    }
  }
  return texts;
}
