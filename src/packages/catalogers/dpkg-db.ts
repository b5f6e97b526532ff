import { FormatError } from '../../core/index.js';
import type { Package, SourcePackage } from '../../ecosystems/index.js';
import type { Cataloged, CatalogedFile, Cataloger, CatalogProblem, CatalogSession, PackageList } from '../cataloger.js';
import { eachParagraph, type Paragraph } from '../control-file.js';
import { isThirdPartyMaintainer } from '../dpkg-third-party.js';
import { normalizeLicenses, splitLicenses } from '../licenses.js';
import { splitDebianVersion } from '../package-versions.js';
import { baseName, eachLine, folderOf, isWord } from '../text-lines.js';

const statusPath = 'var/lib/dpkg/status';
const statusFolder = 'var/lib/dpkg/status.d';
const infoFolder = 'var/lib/dpkg/info';
const availablePath = 'var/lib/dpkg/available';
const docFolder = 'usr/share/doc/';
const sums = '.md5sums';

const maxPackages = 200_000;
const maxFiles = 2_000_000;

/**
 * dpkg's database: the status file, or on distroless images a file a package; the lists of files, the digests of what is
 * available, and the licences of the copyright files.
 * @see https://manpages.debian.org/unstable/dpkg/dpkg.1.en.html
 */
export const dpkgDb = {
  id: 'dpkg-db',
  version: 1,
  kind: 'os',
  type: 'dpkg',
  tells: 'packages',
  maxBytes: 64 * 1024 * 1024,
  wants: (path) => partOf(path) !== undefined,
  declares: (path) => partOf(path) === 'status',
  start: () => new DpkgSession(),
} as const satisfies Cataloger;

type Part = 'status' | 'sums' | 'available' | 'copyright';

function partOf(path: string): Part | undefined {
  if (path.startsWith('var/lib/dpkg/')) {
    if (path === statusPath) return 'status';
    if (path === availablePath) return 'available';
    const folder = folderOf(path);
    if (folder === statusFolder) return path.endsWith(sums) ? 'sums' : 'status';
    return folder === infoFolder && path.endsWith(sums) ? 'sums' : undefined;
  }
  const isCopyright = path.startsWith(docFolder) && path.endsWith('/copyright');
  return isCopyright && path.indexOf('/', docFolder.length) === path.length - '/copyright'.length
    ? 'copyright'
    : undefined;
}

/** What one status file holds. `packages` by id: of several architectures the last counts. */
interface Status {
  readonly packages: Map<string, Package>;
  readonly depends: Map<string, string>;
  readonly problems: readonly CatalogProblem[];
}

class DpkgSession implements CatalogSession {
  readonly #status = new Map<string, Status>();
  /** Package name, also `name:arch`, to its files. */
  readonly #files = new Map<string, readonly string[]>();
  readonly #licenses = new Map<string, readonly string[]>();
  #digests: ReadonlyMap<string, string> = new Map();
  #fileCount = 0;

  file(file: CatalogedFile): void {
    switch (partOf(file.path)) {
      case 'status':
        this.#status.set(file.path, statusOf(file));
        break;
      case 'sums':
        this.#addFiles(baseName(file.path).slice(0, -sums.length), filesOf(file.text()));
        break;
      case 'available':
        this.#digests = digestsOf(file.text());
        break;
      case 'copyright':
        this.#licenses.set(baseName(folderOf(file.path)), copyrightLicenses(file.text()));
        break;
      default:
    }
  }

  finish(): Cataloged {
    const lists: PackageList[] = [];
    const ownedFiles: string[] = [];
    for (const [path, { packages, depends }] of this.#status) {
      const ids = new Map(Array.from(packages.values(), (each) => [each.name, each.id]));
      const list = Array.from(packages.values(), (each) => this.#complete(each, depends.get(each.id) ?? '', ids));
      for (const each of list) for (const file of each.installedFiles ?? []) ownedFiles.push(file.slice(1));
      lists.push({ path, type: 'dpkg', kind: 'os', packages: list });
    }
    const problems = Array.from(this.#status.values()).flatMap((status) => status.problems);
    return { lists, ownedFiles, licenses: this.#licenses, problems };
  }

  #addFiles(name: string, files: readonly string[]): void {
    this.#fileCount += files.length;
    if (this.#fileCount > maxFiles)
      throw new FormatError('LIMIT_EXCEEDED', `packages with more than ${maxFiles} files`);
    this.#files.set(name, files);
  }

  #complete(found: Package, depends: string, ids: ReadonlyMap<string, string>): Package {
    const dependsOn = [...new Set(dependenciesIn(depends).flatMap((name) => ids.get(name) ?? []))].sort();
    const files = found.origin === 'third-party' ? undefined : this.#filesOf(found);
    return {
      ...found,
      dependsOn: dependsOn.length > 0 ? dependsOn : undefined,
      digest: this.#digests.get(found.id),
      installedFiles: files && files.length > 0 ? files : undefined,
    };
  }

  #filesOf({ name, arch }: Package): readonly string[] | undefined {
    return this.#files.get(name) ?? (arch === undefined ? undefined : this.#files.get(`${name}:${arch}`));
  }
}

const statusFields: ReadonlySet<string> = new Set([
  'package',
  'version',
  'status',
  'source',
  'architecture',
  'maintainer',
  'depends',
]);

function statusOf(file: CatalogedFile): Status {
  const text = file.text();
  const packages = new Map<string, Package>();
  const depends = new Map<string, string>();
  const problems: CatalogProblem[] = [];
  const seen = { paragraphs: 0, damaged: 0 };
  eachParagraph(text, statusFields, (paragraph) => {
    if (++seen.paragraphs > maxPackages) throw new FormatError('LIMIT_EXCEEDED', `more than ${maxPackages} packages`);
    const { fields } = paragraph;
    const state = fields.get('status')?.split(/\s+/) ?? [];
    if (paragraph.malformed !== undefined) seen.damaged++;
    if (state.includes('deinstall') || state.includes('purge')) return;
    const name = fields.get('package') ?? '';
    const version = fields.get('version') ?? '';
    if (!isWord(name) || !isWord(version)) {
      // A package that was only ever selected has no version, and nothing of it is there.
      if (state.includes('not-installed') && isWord(name)) return;
      if (paragraph.malformed === undefined) seen.damaged++;
      return;
    }
    const found = toPackage(fields, name, version);
    if (!found) {
      const reason = `${name} has the version "${version.slice(0, 80)}" (source "${(fields.get('source') ?? '').slice(0, 80)}"), which is no Debian version: the package was not assessed`;
      problems.push({ code: 'VERSION_UNPARSABLE', path: file.path, reason });
      return;
    }
    packages.set(found.id, found);
    depends.set(found.id, fields.get('depends') ?? '');
  });
  const reason = damageOf(file.path, text, seen);
  if (reason !== undefined) problems.push({ code: 'PACKAGE_DATABASE_CORRUPT', path: file.path, reason });
  return { packages, depends, problems };
}

/** `undefined`: one of the versions is none. */
function toPackage(fields: Paragraph['fields'], name: string, fullVersion: string): Package | undefined {
  const version = splitDebianVersion(fullVersion);
  const source = sourceOf(fields.get('source') ?? '', name, fullVersion);
  if (!version || !source) return undefined;
  const maintainer = fields.get('maintainer')?.slice(0, 1024) || undefined;
  const arch = fields.get('architecture') ?? '';
  return {
    id: `${name}@${fullVersion}`,
    name,
    ...compact(version),
    arch: isWord(arch) ? arch : undefined,
    source,
    maintainer,
    origin: isThirdPartyMaintainer(maintainer ?? '') ? 'third-party' : 'official',
  };
}

/** `name` or `name (version)`; what is missing is as the binary package's. */
function sourceOf(text: string, name: string, fullVersion: string): SourcePackage | undefined {
  const open = text.indexOf('(');
  const sourceName = (open < 0 ? text : text.slice(0, open)).trim();
  const close = text.indexOf(')', open);
  const sourceVersion = open < 0 ? '' : text.slice(open + 1, close < 0 ? text.length : close).trim();
  const version = splitDebianVersion(sourceVersion || fullVersion);
  if (!version || (sourceName !== '' && !isWord(sourceName))) return undefined;
  return { name: sourceName || name, ...compact(version) };
}

function compact(parts: Omit<SourcePackage, 'name'>): Omit<SourcePackage, 'name'> {
  return { version: parts.version, release: parts.release || undefined, epoch: parts.epoch || undefined };
}

function damageOf(
  path: string,
  text: string,
  seen: { readonly paragraphs: number; readonly damaged: number },
): string | undefined {
  if (seen.damaged > 0) {
    return `${seen.damaged} of ${seen.paragraphs} paragraphs have no name or no version, or lines that are no fields`;
  }
  if (seen.paragraphs === 0 && (text !== '' || path !== statusPath)) return 'it holds no paragraph of a package';
  // Files of single packages are made by other tools than dpkg, which need not end the last line.
  if (path === statusPath && text !== '' && !text.endsWith('\n')) {
    return 'it ends in the middle of a line: what followed is lost';
  }
  return undefined;
}

/** Names in a `Depends` field; all alternatives count, and a name with a qualifier (`perl:any`) stays whole. */
function dependenciesIn(depends: string): readonly string[] {
  return depends
    .split(/[,|]/)
    .map((each) => (each.includes('(') ? each.slice(0, each.indexOf('(')) : each).trim())
    .filter((name) => name !== '');
}

/** Lines `digest  path`; a line of another form is passed over. */
function filesOf(text: string): readonly string[] {
  const files: string[] = [];
  eachLine(text, (line) => {
    const at = line.indexOf('  ');
    const path = at > 0 ? line.slice(at + 2).trim() : '';
    if (path !== '') files.push(`/${path.startsWith('/') ? path.slice(1) : path}`);
  });
  return files;
}

const availableFields: ReadonlySet<string> = new Set(['package', 'version', 'sha256']);

function digestsOf(text: string): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  eachParagraph(text, availableFields, ({ fields }) => {
    const name = fields.get('package');
    const version = fields.get('version');
    const hex = fields.get('sha256');
    if (name && version && hex && /^[0-9a-f]{64}$/.test(hex)) digests.set(`${name}@${version}`, `sha256:${hex}`);
  });
  return digests;
}

const commonLicense = /\/?usr\/share\/common-licenses\/([0-9A-Za-z_.+-]*[0-9A-Za-z+])/g;

/**
 * The licences that a copyright file names. Of its many lines only those are looked at that can name one, and of lines
 * that say the same one.
 */
function copyrightLicenses(text: string): readonly string[] {
  const lines = new Map<number, string>();
  for (const words of ['License:', 'common-licenses/']) {
    for (let at = text.indexOf(words); at >= 0; ) {
      const start = text.lastIndexOf('\n', at) + 1;
      const found = text.indexOf('\n', at);
      const end = found < 0 ? text.length : found;
      lines.set(start, text.slice(start, text.charCodeAt(end - 1) === 13 ? end - 1 : end));
      at = text.indexOf(words, end);
    }
  }
  const inOrder = [...lines].sort(([a], [b]) => a - b).map(([, line]) => line);
  const names: string[] = [];
  for (const line of new Set(inOrder)) {
    if (line.startsWith('License:')) names.push(...splitLicenses(licenseIn(line.slice(8))));
    else if (line.includes('common-licenses/')) {
      for (const match of line.slice(0, 4096).matchAll(commonLicense)) names.push(match[1] ?? '');
    }
  }
  return normalizeLicenses(names);
}

function licenseIn(rest: string): string {
  const open = rest.indexOf('(');
  return (open < 0 ? rest : rest.slice(0, open))
    .trim()
    .replace(/^The main library is licensed under /, '')
    .replace(/ license$/, '');
}
