import { load } from 'js-yaml';
import { ExampleError, list, mapping, optionalText, text, texts } from './record.js';

/** An example image as its description says it. Layers stand bottom first; databases are cumulative. */
export interface Description {
  readonly names: readonly string[];
  readonly created: string;
  /** The `config` member of the image config, as it is. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly layers: readonly LayerDescription[];
}

export interface LayerDescription {
  /** `created_by` of the layer's history. */
  readonly by: string;
  /** Alpine's version, in the layer that brings the distribution. */
  readonly alpine: string | undefined;
  readonly debian: DebianRelease | undefined;
  readonly apk: readonly ApkChoice[];
  readonly dpkg: readonly DpkgChoice[];
  /** Packages that are gone from the database from here on. */
  readonly remove: readonly string[];
  readonly python: LanguageFolder | undefined;
  readonly node: LanguageFolder | undefined;
  readonly files: readonly FileChoice[];
  /** Symbolic links: path and target. */
  readonly links: readonly (readonly [string, string])[];
  /** Paths of lower layers that are gone: whiteouts. */
  readonly delete: readonly string[];
}

export interface DebianRelease {
  readonly version: string;
  readonly codename: string;
}

export interface ApkChoice {
  readonly name: string;
  readonly version: string;
}

export interface DpkgChoice {
  readonly name: string;
  readonly version: string;
  readonly source: string | undefined;
  /** Where it differs from the binary version. */
  readonly sourceVersion: string | undefined;
  readonly arch: string | undefined;
  readonly depends: string | undefined;
  readonly maintainer: string | undefined;
  readonly status: string | undefined;
  readonly section: string | undefined;
}

export interface LanguageFolder {
  readonly folder: string;
  readonly packages: readonly LanguagePackage[];
}

export interface LanguagePackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

export interface FileChoice {
  readonly path: string;
  readonly text: string;
  readonly mode: number | undefined;
}

/** @throws ExampleError that names the file and the member that is wrong. */
export function parseDescription(source: string, name: string): Description {
  const data = mapping(load(source), name, ['image', 'created', 'config', 'layers']);
  const names = typeof data['image'] === 'string' ? [data['image']] : texts(data['image'], `${name}: image`);
  const created =
    data['created'] instanceof Date ? data['created'].toISOString() : text(data['created'], `${name}: created`);
  const layers = list(data['layers'], `${name}: layers`).map((layer, at) => toLayer(layer, `${name}: layers[${at}]`));
  if (layers.length === 0) throw new ExampleError(`${name}: an image needs a layer`);
  return { names, created, config: mapping(data['config'], `${name}: config`), layers };
}

const layerMembers = ['by', 'alpine', 'debian', 'apk', 'dpkg', 'remove', 'python', 'node', 'files', 'links', 'delete'];

function toLayer(value: unknown, where: string): LayerDescription {
  const data = mapping(value, where, layerMembers);
  return {
    by: text(data['by'], `${where}.by`),
    alpine: optionalText(data['alpine'], `${where}.alpine`),
    debian: data['debian'] === undefined ? undefined : toDebian(data['debian'], `${where}.debian`),
    apk: list(data['apk'], `${where}.apk`).map((item, at) => toApk(item, `${where}.apk[${at}]`)),
    dpkg: list(data['dpkg'], `${where}.dpkg`).map((item, at) => toDpkg(item, `${where}.dpkg[${at}]`)),
    remove: texts(data['remove'], `${where}.remove`),
    python: toLanguageFolder(data['python'], `${where}.python`),
    node: toLanguageFolder(data['node'], `${where}.node`),
    files: Object.entries(mapping(data['files'], `${where}.files`)).map(([path, file]) => toFile(path, file, where)),
    links: Object.entries(mapping(data['links'], `${where}.links`)).map(
      ([path, to]) => [path, text(to, where)] as const,
    ),
    delete: texts(data['delete'], `${where}.delete`),
  };
}

function toDebian(value: unknown, where: string): DebianRelease {
  const data = mapping(value, where, ['version', 'codename']);
  return { version: text(data['version'], `${where}.version`), codename: text(data['codename'], `${where}.codename`) };
}

function toApk(value: unknown, where: string): ApkChoice {
  const [name, version, ...rest] = text(value, where).split(' ');
  if (!name || !version || rest.length > 0) throw new ExampleError(`${where}: must read "name version"`);
  return { name, version };
}

const dpkgMembers = [
  'name',
  'version',
  'source',
  'sourceVersion',
  'arch',
  'depends',
  'maintainer',
  'status',
  'section',
];

function toDpkg(value: unknown, where: string): DpkgChoice {
  if (typeof value === 'string') return toDpkgLine(value, where);
  const data = mapping(value, where, dpkgMembers);
  const member = (name: string) => optionalText(data[name], `${where}.${name}`);
  return {
    name: text(data['name'], `${where}.name`),
    version: text(data['version'], `${where}.version`),
    source: member('source'),
    sourceVersion: member('sourceVersion'),
    arch: member('arch'),
    depends: member('depends'),
    maintainer: member('maintainer'),
    status: member('status'),
    section: member('section'),
  };
}

/** `name version`, `name version from source` or `name version from source source-version`. */
function toDpkgLine(line: string, where: string): DpkgChoice {
  const [name, version, from, source, sourceVersion, ...rest] = line.split(' ');
  const wrong = !name || !version || rest.length > 0 || (from !== undefined && (from !== 'from' || !source));
  if (wrong) throw new ExampleError(`${where}: must read "name version [from source [source-version]]"`);
  const none = { arch: undefined, depends: undefined, maintainer: undefined, status: undefined, section: undefined };
  return { name, version, source, sourceVersion, ...none };
}

function toLanguageFolder(value: unknown, where: string): LanguageFolder | undefined {
  if (value === undefined) return undefined;
  const data = mapping(value, where, ['folder', 'packages']);
  const packages = list(data['packages'], `${where}.packages`).map((item, at) => {
    const place = `${where}.packages[${at}]`;
    const { name, version, license } = mapping(item, place, ['name', 'version', 'license']);
    return {
      name: text(name, place),
      version: text(version, place),
      license: optionalText(license, place) ?? 'UNKNOWN',
    };
  });
  return { folder: text(data['folder'], `${where}.folder`), packages };
}

function toFile(path: string, value: unknown, where: string): FileChoice {
  const data = mapping(value, `${where}.files.${path}`, ['text', 'mode']);
  const { mode } = data;
  if (mode !== undefined && typeof mode !== 'number')
    throw new ExampleError(`${where}.files.${path}: mode must be a number`);
  return { path, text: optionalText(data['text'], where) ?? '', mode };
}
