import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf } from '../core/index.js';
import { compareText } from '../findings/index.js';
import { compileGlob, type GlobMatcher } from '../formats/index.js';
import type { ManifestUnknown } from '../manifest/index.js';
import { unknownOf } from './manifest-unknown.js';

/** A file that may hold manifests. */
export interface ManifestFile {
  /** As it is shown, and opened; `<stdin>` for standard input. */
  readonly name: string;
  /** It was named by itself: that it holds no manifest is worth a word. */
  readonly isNamed: boolean;
  readonly isStdin: boolean;
  /** A pipe or a device: read once, and waited for. */
  readonly isStream: boolean;
}

export type FoundManifest =
  | { readonly file: ManifestFile }
  /** `isMissing`: a word stands for nothing at all. */
  | { readonly unknown: ManifestUnknown; readonly isMissing?: true };

/** Files of one call; past it the rest is an unknown. */
const maxFiles = 1_000_000;
const maxFolderDepth = 64;

/** The name of standard input in reports. */
export const stdinName = '<stdin>';

/**
 * Every file that the words of a command line stand for: files, folders (with all that is in them, but hidden entries and
 * `node_modules`), path patterns, `-`. In the order of the words, inside a folder by name; no file twice. Charts and
 * kustomizations in folders are not followed: they are unknowns, with the command that renders them.
 */
export function* findManifests(words: readonly string[]): Iterable<FoundManifest> {
  const finder = new Finder();
  for (const word of words) {
    yield* finder.find(word);
    if (finder.isFull) return;
  }
}

class Finder {
  readonly #seen = new Set<string>();
  /** Real paths of folders, so that links in a circle end. */
  readonly #entered = new Set<string>();
  #count = 0;
  isFull = false;

  *find(word: string): Iterable<FoundManifest> {
    if (word === '-' || word === '/dev/stdin') {
      if (!this.#seen.has('-')) yield { file: { name: stdinName, isNamed: true, isStdin: true, isStream: true } };
      this.#seen.add('-');
      return;
    }
    const stats = statOf(word);
    if (stats instanceof Error) {
      if (/[*?[{]/.test(word)) yield* this.#findByPattern(word);
      else {
        const unknown = unknownOf('FILE_UNREADABLE', word, unreadable(stats), 'name a file that can be read');
        yield isAbsent(stats) ? { unknown, isMissing: true } : { unknown };
      }
    } else if (stats.isDirectory()) yield* this.#walk(word, { depth: 0 });
    else yield* this.#file(word, { isNamed: true, isStream: !stats.isFile() });
  }

  *#findByPattern(pattern: string): Iterable<FoundManifest> {
    const normal = pattern.startsWith('./') ? pattern.slice(2) : pattern;
    const matches = compileGlob(normal);
    const segments = normal.split('/');
    const fixed = segments.slice(
      0,
      segments.findIndex((segment) => /[*?[{\\]/.test(segment)),
    );
    const root = fixed.length === 0 ? '.' : fixed.join('/') || '/';
    const before = this.#count;
    if (!(statOf(root) instanceof Error)) yield* this.#walk(root, { depth: 0, matches, pattern: normal });
    if (this.#count > before || this.isFull) return;
    const hint = 'quote the pattern, and name folders with ** where they may be nested';
    yield { unknown: unknownOf('NO_MANIFESTS', pattern, 'no file fits the pattern', hint), isMissing: true };
  }

  *#walk(folder: string, walk: Walk): Iterable<FoundManifest> {
    if (walk.depth > maxFolderDepth) {
      yield { unknown: unknownOf('FILE_UNREADABLE', folder, `folders nested deeper than ${maxFolderDepth} levels`) };
      return;
    }
    let entries: readonly Dirent[];
    try {
      const real = realpathSync(folder);
      if (this.#entered.has(real) && walk.matches === undefined) return;
      this.#entered.add(real);
      entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name));
    } catch (error) {
      yield { unknown: unknownOf('FILE_UNREADABLE', folder, unreadable(error)) };
      return;
    }
    const names = new Set(entries.map(({ name }) => name));
    const refusal = refusalOf(folder, names);
    if (refusal) yield { unknown: refusal.unknown };
    if (refusal?.isChart) return;
    const isRefused = walk.isRefused === true || refusal !== undefined;
    for (const entry of entries) {
      const { name } = entry;
      if (this.isFull) return;
      if (isSkipped(name, walk)) continue;
      const path = folder === '.' && walk.matches ? name : join(folder, name);
      const stats = entry.isSymbolicLink() ? statOf(path) : entry;
      if (stats instanceof Error) {
        if (!isRefused && isWanted(path, walk))
          yield { unknown: unknownOf('FILE_UNREADABLE', path, unreadable(stats)) };
      } else if (stats.isDirectory()) {
        // A link to a folder above would be met again and again by a pattern.
        if (walk.matches && entry.isSymbolicLink() && this.#entered.has(realpathSync(path))) continue;
        yield* this.#walk(path, { ...walk, depth: walk.depth + 1, isRefused });
      } else if (stats.isFile() && !isRefused && isWanted(path, walk))
        yield* this.#file(path, { isNamed: false, isStream: false });
    }
  }

  *#file(path: string, how: Pick<ManifestFile, 'isNamed' | 'isStream'>): Iterable<FoundManifest> {
    const absolute = resolve(path);
    if (this.#seen.has(absolute)) {
      this.#count++;
      return;
    }
    this.#seen.add(absolute);
    if (++this.#count > maxFiles) {
      this.isFull = true;
      yield {
        unknown: unknownOf('DOCUMENT_TOO_LARGE', path, `more than ${maxFiles} files: the rest was not looked at`),
      };
      return;
    }
    const chart = how.isNamed ? chartAround(absolute) : undefined;
    if (chart === undefined) yield { file: { name: path, isStdin: false, ...how } };
    else yield { unknown: { ...chartUnknown(chart), place: { file: path, line: 1, column: 1, document: 0 } } };
  }
}

interface Walk {
  readonly depth: number;
  readonly matches?: GlobMatcher | undefined;
  readonly pattern?: string | undefined;
  /** Below a kustomization: only others of its kind are told. */
  readonly isRefused?: boolean | undefined;
}

function isSkipped(name: string, { pattern }: Walk): boolean {
  if (name === 'node_modules') return pattern === undefined || !pattern.includes(name);
  return name.startsWith('.') && (pattern === undefined || !/(?:^|\/)\./.test(pattern));
}

function isWanted(path: string, { matches }: Walk): boolean {
  return matches ? matches(path) : /\.(?:ya?ml|json)$/i.test(path);
}

const kustomizations = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** A folder whose files are not what would be applied. */
function refusalOf(
  folder: string,
  names: ReadonlySet<string>,
): { readonly unknown: ManifestUnknown; readonly isChart: boolean } | undefined {
  if (names.has('Chart.yaml') && (names.has('templates') || names.has('charts') || names.has('Chart.lock'))) {
    return { unknown: chartUnknown(folder), isChart: true };
  }
  const file = kustomizations.find((name) => names.has(name));
  return file === undefined ? undefined : { unknown: kustomizationUnknown(join(folder, file)), isChart: false };
}

function chartUnknown(folder: string): ManifestUnknown {
  const hint = `helm template ${shellWord(folder)} | tidewaiter manifest -`;
  return unknownOf('CHART_NOT_RENDERED', join(folder, 'Chart.yaml'), 'a Helm chart that is not rendered', hint);
}

/** For a file that lists what to make manifests of. */
export function kustomizationUnknown(file: string): ManifestUnknown {
  const folder = shellWord(dirname(file));
  const hint = `kustomize build ${folder} | tidewaiter manifest - (or kubectl kustomize ${folder})`;
  return unknownOf('CHART_NOT_RENDERED', file, 'a kustomization that is not built', hint);
}

export function isKustomizationFile(path: string): boolean {
  return (kustomizations as readonly string[]).includes(basename(path));
}

/** The chart of which a file is a template: `Chart.yaml` beside a `templates` folder above it. */
function chartAround(absolute: string): string | undefined {
  let folder = dirname(absolute);
  for (let depth = 0; depth < maxFolderDepth && folder !== dirname(folder); depth++) {
    const above = dirname(folder);
    if (basename(folder) === 'templates' && !(statOf(join(above, 'Chart.yaml')) instanceof Error)) return above;
    folder = above;
  }
  return undefined;
}

function shellWord(path: string): string {
  return /^[A-Za-z0-9_./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function statOf(path: string): Stats | Error {
  try {
    return statSync(path);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const systemWords: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ELOOP: 'links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
};

function isAbsent(error: Error): boolean {
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Why something cannot be read, as a clause. */
export function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return systemWords[code] ?? messageOf(error);
}
