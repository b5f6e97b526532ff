import type { ImageSpec, LayerSpec, TarItem } from '../test/support/image-builder.js';
import { apkDatabase, apkFacts, type ApkTable } from './apk-database.js';
import type { Description, DpkgChoice, LayerDescription } from './description.js';
import { dpkgStatus } from './dpkg-database.js';
import { nodeItems, pythonItems } from './language-packages.js';

/** What is installed so far, in the order in which it came. */
interface Installed {
  readonly apk: Map<string, string>;
  readonly dpkg: Map<string, DpkgChoice>;
}

/** The image that a description describes. */
export function imageSpecOf(description: Description, table: ApkTable): ImageSpec {
  const installed: Installed = { apk: new Map(), dpkg: new Map() };
  return {
    tags: description.names,
    created: description.created,
    config: description.config,
    layers: description.layers.map((layer) => layerOf(layer, installed, table)),
    mediaTypes: 'docker',
  };
}

function layerOf(layer: LayerDescription, installed: Installed, table: ApkTable): LayerSpec {
  const items = [
    ...(layer.alpine === undefined ? [] : alpineItems(layer.alpine)),
    ...(layer.debian === undefined ? [] : debianItems(layer.debian.version, layer.debian.codename)),
    ...apkItems(layer, installed.apk, table),
    ...dpkgItems(layer, installed.dpkg),
    ...(layer.python ? pythonItems(layer.python) : []),
    ...(layer.node ? nodeItems(layer.node) : []),
    ...layer.files.map(
      ({ path, text, mode }): TarItem => ({ path, content: text, ...(mode === undefined ? {} : { mode }) }),
    ),
    ...layer.links.map(([path, link]): TarItem => ({ path, link })),
    ...layer.delete.map((path): TarItem => ({ path, whiteout: true })),
  ];
  return { items: withFolders(items), createdBy: layer.by };
}

function apkItems(layer: LayerDescription, installed: Map<string, string>, table: ApkTable): TarItem[] {
  const removed = layer.remove.filter((name) => installed.delete(name));
  if (layer.apk.length === 0 && removed.length === 0) return [];
  for (const { name, version } of layer.apk) installed.set(name, version);
  const files = layer.apk.flatMap(({ name }) => apkFacts(table, name).files);
  return [
    { path: 'etc/apk/world', content: `${[...installed.keys()].sort().join('\n')}\n` },
    { path: 'lib/apk/db/installed', content: apkDatabase(installed, table) },
    ...files.map((path) => ({ path, content: 'placeholder\n', mode: 0o755 })),
  ];
}

function dpkgItems(layer: LayerDescription, installed: Map<string, DpkgChoice>): TarItem[] {
  const removed = layer.remove.filter((name) => installed.delete(name));
  if (layer.dpkg.length === 0 && removed.length === 0) return [];
  for (const chosen of layer.dpkg) installed.set(chosen.name, chosen);
  return [
    { path: 'var/lib/dpkg/status', content: dpkgStatus(installed.values()) },
    ...layer.dpkg.map(({ name }) => ({ path: `var/lib/dpkg/info/${name}.list`, content: '/.\n' })),
  ];
}

function alpineItems(version: string): TarItem[] {
  const release = version.split('.').slice(0, 2).join('.');
  const repository = `https://dl-cdn.alpinelinux.org/alpine/v${release}`;
  const osRelease = [
    'NAME="Alpine Linux"',
    'ID=alpine',
    `VERSION_ID=${version}`,
    `PRETTY_NAME="Alpine Linux v${release}"`,
    'HOME_URL="https://alpinelinux.org/"',
    'BUG_REPORT_URL="https://bugs.alpinelinux.org/"',
  ];
  return [
    { path: 'etc/alpine-release', content: `${version}\n` },
    { path: 'etc/apk/arch', content: 'x86_64\n' },
    { path: 'etc/apk/repositories', content: `${repository}/main\n${repository}/community\n` },
    { path: 'etc/os-release', content: `${osRelease.join('\n')}\n` },
  ];
}

function debianItems(version: string, codename: string): TarItem[] {
  const [major] = version.split('.');
  const osRelease = [
    `PRETTY_NAME="Debian GNU/Linux ${major} (${codename})"`,
    'NAME="Debian GNU/Linux"',
    `VERSION_ID="${major}"`,
    `VERSION="${major} (${codename})"`,
    `VERSION_CODENAME=${codename}`,
    'ID=debian',
    'HOME_URL="https://www.debian.org/"',
    'SUPPORT_URL="https://www.debian.org/support"',
    'BUG_REPORT_URL="https://bugs.debian.org/"',
  ];
  return [
    { path: 'etc/debian_version', content: `${version}\n` },
    { path: 'usr/lib/os-release', content: `${osRelease.join('\n')}\n` },
    { path: 'etc/os-release', link: '../usr/lib/os-release' },
  ];
}

/** Each item once, the later one winning, behind entries for the folders it lies in, as `docker build` writes layers. */
function withFolders(items: readonly TarItem[]): TarItem[] {
  const byPath = new Map<string, TarItem>();
  for (const item of items) if ('path' in item) byPath.set(item.path, item);
  const folders = new Set<string>();
  for (const path of byPath.keys()) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
      folders.add(path.slice(0, slash));
  }
  const all = [...[...folders].map((path): TarItem & { path: string } => ({ path, dir: true })), ...byPath.values()];
  return all.sort((a, b) => compareText(pathOf(a), pathOf(b)));
}

function pathOf(item: TarItem): string {
  return 'path' in item ? item.path : '';
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
