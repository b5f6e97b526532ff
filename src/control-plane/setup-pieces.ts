import { looksLikeUnit, settingsOf } from './unit-settings.js';
import { folderOf, resolvePath, textOf, type Host } from './host.js';

/** A file that may say how the API server is started. */
export interface SetupFile {
  readonly path: string;
  readonly text: string;
  readonly pieces?: SetupPieces | undefined;
}

/** What other files add to it. */
export interface SetupPieces {
  /** In the order in which they count: what a later one says wins. */
  readonly dropIns: readonly SetupFile[];
  /** Files of variables that a unit names. */
  readonly environment: readonly SetupFile[];
  /** The unit that starts k3s or RKE2 beside their configuration: words on its command line win. */
  readonly unit?: SetupFile | undefined;
}

/** Folders of units: what lies in an earlier one hides the same name in later ones. */
export const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
] as const;

const mostPieces = 100;

/** The files that are read together with one: `*.service.d/*.conf` and variables of a unit, `config.yaml.d/*.yaml` of k3s. */
export async function withPieces(host: Host, main: SetupFile): Promise<SetupFile> {
  if (looksLikeUnit(main.text)) return { ...main, pieces: await unitPieces(host, main) };
  if (!/\/(?:k3s|rke2)\/[^/]+\.ya?ml$/.test(main.path)) return main;
  const dropIns = await filesIn(host, `${main.path}.d`, /\.ya?ml$/i);
  const service = main.path.includes('/rke2/') ? 'rke2-server.service' : 'k3s.service';
  return { ...main, pieces: { dropIns, environment: [], unit: await findUnit(host, service) } };
}

/** The unit of a name with all that is read with it. */
export async function findUnit(host: Host, name: string): Promise<SetupFile | undefined> {
  for (const folder of unitFolders) {
    const unit = await fileAt(host, `${folder}/${name}`);
    if (unit !== undefined) return { ...unit, pieces: await unitPieces(host, unit) };
  }
  return undefined;
}

async function unitPieces(host: Host, unit: SetupFile): Promise<SetupPieces> {
  const name = unit.path.slice(unit.path.lastIndexOf('/') + 1);
  const own = folderOf(unit.path);
  const folders = [...new Set([...unitFolders, own])].flatMap((folder) => [
    `${folder}/${name}.d`,
    `${folder}/service.d`,
  ]);
  const found = new Map<string, SetupFile>();
  for (const folder of folders) {
    for (const file of await filesIn(host, folder, /\.conf$/)) {
      const base = file.path.slice(file.path.lastIndexOf('/') + 1);
      if (!found.has(base)) found.set(base, file);
    }
  }
  const dropIns = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  const named = [unit, ...dropIns]
    .flatMap(({ text, path }) => settingsOf(text, path))
    .filter(({ key }) => key === 'EnvironmentFile')
    .map(({ words }) => words[0]?.text.replace(/^-/, ''));
  const environment: SetupFile[] = [];
  // An empty setting takes back those before it.
  for (const path of named.slice(named.lastIndexOf(undefined) + 1).slice(0, mostPieces)) {
    const file = path?.startsWith('/') === true ? await fileAt(host, resolvePath('/', path)) : undefined;
    if (file !== undefined) environment.push(file);
  }
  return { dropIns, environment };
}

async function filesIn(host: Host, folder: string, pattern: RegExp): Promise<readonly SetupFile[]> {
  const entry = await host.look(folder);
  if (entry.kind !== 'folder') return [];
  const names = entry.names.filter((name) => pattern.test(name)).sort();
  const files = await Promise.all(names.slice(0, mostPieces).map((name) => fileAt(host, resolvePath(folder, name))));
  return files.filter((file) => file !== undefined);
}

async function fileAt(host: Host, path: string): Promise<SetupFile | undefined> {
  const entry = await host.look(path);
  return entry.kind === 'file' ? { path, text: textOf(entry.bytes) } : undefined;
}

/** The same with paths as a person finds them. */
export function shownPieces(host: Host, { dropIns, environment, unit }: SetupPieces): SetupPieces {
  const shown = (file: SetupFile): SetupFile => ({
    path: host.shown(file.path),
    text: file.text,
    pieces: file.pieces && shownPieces(host, file.pieces),
  });
  return { dropIns: dropIns.map(shown), environment: environment.map(shown), unit: unit && shown(unit) };
}
