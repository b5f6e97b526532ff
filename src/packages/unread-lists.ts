import { compareText, type Unknown } from '../findings/index.js';
import type { PackageList } from './cataloger.js';

/** Language packages that are noticed and not read, with their words: what they are, one file of them, several. */
const kinds = {
  gemspec: ['Ruby gems', 'gem specification', 'gem specifications'],
  jar: ['Java archives', 'Java archive', 'Java archives'],
  'dotnet-core': ['.NET applications', 'list of .NET packages', 'lists of .NET packages'],
  nuget: ['NuGet packages', 'list of NuGet packages', 'lists of NuGet packages'],
  'composer-vendor': ['PHP packages', 'list of Composer packages', 'lists of Composer packages'],
  'conda-pkg': ['conda packages', 'record of a conda package', 'records of conda packages'],
  cargo: ['Rust crates', 'list of Rust crates', 'lists of Rust crates'],
  julia: ['Julia packages', 'list of Julia packages', 'lists of Julia packages'],
} as const;

/** A kind of language package that is noticed and not read. */
export type UnreadKind = keyof typeof kinds;

const type = 'unread-packages';

/** The place of a file that is not read: a list of one package that stands for whatever the file declares. */
export function unreadList(path: string, kind: UnreadKind): PackageList {
  return { path, type, kind: 'language', packages: [{ id: kind, name: kind, version: '' }] };
}

/** Is it a file that was not read, and no list of packages? */
export function isUnread(list: PackageList): boolean {
  return list.type === type;
}

/** One unknown a kind, for the files among these lists that were not read. */
export function unreadUnknowns(lists: readonly PackageList[]): readonly Unknown[] {
  const paths = new Map<string, string[]>();
  for (const list of lists) {
    if (!isUnread(list)) continue;
    const kind = list.packages[0]?.name ?? '';
    const known = paths.get(kind);
    if (known) known.push(list.path);
    else paths.set(kind, [list.path]);
  }
  const named = Object.entries(kinds);
  return named.flatMap(([kind, words]) => unknownOf(words, paths.get(kind) ?? []));
}

function unknownOf([subject, one, several]: readonly [string, string, string], paths: readonly string[]): Unknown[] {
  const first = paths.reduce((least, path) => (compareText(path, least) < 0 ? path : least), paths[0] ?? '');
  if (paths.length === 0) return [];
  const what = paths.length === 1 ? `1 ${one} (${first}) is` : `${paths.length} ${several} (the first: ${first}) are`;
  const reason = `${what} not read by this version, so flaws in what they declare were not looked for`;
  return [{ code: 'PACKAGES_UNSUPPORTED', subject, reason, cataloger: type }];
}
