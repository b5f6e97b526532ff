import { FormatError } from '../../core/index.js';
import type { Package, SourcePackage } from '../../ecosystems/index.js';
import type { Cataloged, CatalogedFile, Cataloger, CatalogProblem } from '../cataloger.js';
import { normalizeLicenses, splitLicenseExpression } from '../licenses.js';
import { isApkVersion } from '../package-versions.js';
import { perFile } from '../per-file.js';
import { eachLine, isWord } from '../text-lines.js';

/**
 * apk's database of installed packages: records of `X:value` lines, divided by empty lines.
 * @see https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2
 */
export const apkDb = {
  id: 'apk-db',
  version: 1,
  kind: 'os',
  type: 'apk',
  tells: 'packages',
  maxBytes: 64 * 1024 * 1024,
  wants: (path) => path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed',
  start: () => perFile(catalog),
} as const satisfies Cataloger;

const maxRecords = 200_000;
const maxFiles = 2_000_000;

/** One record, as far as it has been read. */
interface Draft {
  name: string;
  version: string;
  arch: string;
  /** `o:` the origin (source) package, which advisories name */
  origin: string;
  licenses: string;
  maintainer: string;
  /** `C:` */
  checksum: string;
  /** `D:` */
  depends: string;
  /** `p:` */
  provides: string;
  /** `F:` the folder of the files that follow */
  folder: string;
  files: string[];
}

function catalog(file: CatalogedFile): Cataloged {
  const text = file.text();
  const { records, strayLines } = recordsOf(text);
  const problems: CatalogProblem[] = [];
  const packages = new Map<string, Package>();
  const providers = new Map<string, string>();
  const wanted: { readonly name: string; readonly depends: string }[] = [];
  let nameless = 0;
  for (const record of records) {
    if (!isWord(record.name) || !isWord(record.version)) {
      nameless++;
      continue;
    }
    if (packages.has(record.name)) continue;
    if (!isApkVersion(record.version)) {
      problems.push(unparsable(file.path, record));
      continue;
    }
    const found = toPackage(record);
    packages.set(record.name, found);
    wanted.push({ name: record.name, depends: record.depends });
    providers.set(record.name, found.id);
    for (const provided of namesIn(record.provides)) providers.set(provided, found.id);
  }
  for (const { name, depends } of wanted) {
    const found = packages.get(name);
    const ids = [...new Set(namesIn(depends).flatMap((each) => providers.get(each) ?? []))].sort();
    if (found && ids.length > 0) packages.set(name, { ...found, dependsOn: ids });
  }
  const reason = damageOf(text, { records: records.length, nameless, strayLines });
  if (reason !== undefined) problems.push({ code: 'PACKAGE_DATABASE_CORRUPT', path: file.path, reason });
  const list = [...packages.values()];
  return {
    lists: [{ path: file.path, type: 'apk', kind: 'os', packages: list }],
    ownedFiles: list.flatMap((each) => each.installedFiles ?? []),
    problems,
  };
}

function recordsOf(text: string): { readonly records: readonly Draft[]; readonly strayLines: number } {
  const records: Draft[] = [];
  let record: Draft | undefined;
  let strayLines = 0;
  let files = 0;
  eachLine(text, (line) => {
    if (line.length < 2) {
      record = undefined;
      return;
    }
    if (line.charCodeAt(1) !== 58) {
      strayLines++;
      return;
    }
    if (!record) {
      record = emptyDraft();
      if (records.push(record) > maxRecords)
        throw new FormatError('LIMIT_EXCEEDED', `more than ${maxRecords} packages`);
    }
    if (line.charCodeAt(0) === 82 && ++files > maxFiles) {
      throw new FormatError('LIMIT_EXCEEDED', `packages with more than ${maxFiles} files`);
    }
    readLine(record, line.charCodeAt(0), line.slice(2));
  });
  return { records, strayLines };
}

function emptyDraft(): Draft {
  return {
    name: '',
    version: '',
    arch: '',
    origin: '',
    licenses: '',
    maintainer: '',
    checksum: '',
    depends: '',
    provides: '',
    folder: '',
    files: [],
  };
}

function readLine(record: Draft, key: number, value: string): void {
  switch (String.fromCharCode(key)) {
    case 'P':
      record.name = value;
      break;
    case 'V':
      record.version = value;
      break;
    case 'A':
      record.arch = value;
      break;
    case 'o':
      record.origin = value;
      break;
    case 'L':
      record.licenses = value;
      break;
    case 'm':
      record.maintainer = value;
      break;
    case 'C':
      record.checksum = value;
      break;
    case 'D':
      record.depends = value;
      break;
    case 'p':
      record.provides = value;
      break;
    case 'F':
      record.folder = value;
      break;
    case 'R':
      record.files.push(record.folder === '' ? value : `${record.folder}/${value}`);
      break;
    default:
  }
}

function toPackage(record: Draft): Package {
  const { name, version } = record;
  const source: SourcePackage | undefined = isWord(record.origin) ? { name: record.origin, version } : undefined;
  const licenses = normalizeLicenses(splitLicenseExpression(record.licenses));
  return {
    id: `${name}@${version}`,
    name,
    version,
    arch: isWord(record.arch) ? record.arch : undefined,
    source,
    licenses: licenses.length > 0 ? licenses : undefined,
    maintainer: record.maintainer.slice(0, 1024) || undefined,
    digest: digestOf(record.checksum),
    installedFiles: record.files.length > 0 ? record.files : undefined,
  };
}

/** `Q1` marks SHA-1; older databases have MD5 without a mark. Both in base64. */
function digestOf(checksum: string): string | undefined {
  const isSha1 = checksum.startsWith('Q1');
  const encoded = isSha1 ? checksum.slice(2) : checksum;
  if (encoded.length < 22 || encoded.length > 64) return undefined;
  const hex = Buffer.from(encoded, 'base64').toString('hex');
  return `${isSha1 ? 'sha1' : 'md5'}:${hex}`;
}

/** Names in a list of dependencies or provides: conflicts (`!name`) and versions (`>=1`, `<2`, `=1`) go. */
function namesIn(list: string): readonly string[] {
  const names: string[] = [];
  for (const word of list.split(' ')) {
    if (word === '' || word.startsWith('!')) continue;
    const end = word.search(/[<>=]/);
    names.push(end < 0 ? word : word.slice(0, end));
  }
  return names;
}

function unparsable(path: string, record: Draft): CatalogProblem {
  const reason = `${record.name} has the version "${record.version.slice(0, 80)}", which is no apk version: the package was not assessed`;
  return { code: 'VERSION_UNPARSABLE', path, reason };
}

/** What shows that this is not the whole of a database that apk wrote. */
function damageOf(
  text: string,
  counts: { readonly records: number; readonly nameless: number; readonly strayLines: number },
): string | undefined {
  if (counts.nameless > 0) return `${counts.nameless} of ${counts.records} records have no name or no version`;
  if (counts.strayLines > 0) return `${counts.strayLines} lines are not of the form "X:value"`;
  if (text.trim() !== '' && counts.records === 0) return 'it holds no record of a package';
  if (text !== '' && !text.endsWith('\n')) return 'it ends in the middle of a line: what followed is lost';
  return undefined;
}
