import type { CatalogProblem, Cataloger, PackageList } from '../cataloger.js';
import { baseName } from '../text-lines.js';
import { unreadList, type UnreadKind } from '../unread-lists.js';

const maxPaths = 50_000;

/**
 * Notices, by their names alone, files of language packages that cannot be read: an image that has some must never look
 * clean. They are lists like others until layers are squashed, so that what hides a file, or owns it, counts here too.
 */
export const unreadPackages = {
  id: 'unread-packages',
  version: 1,
  kind: 'language',
  tells: 'packages',
  maxBytes: 0,
  wants: (path) => kindOf(path) !== undefined,
  start() {
    const lists = new Map<string, PackageList>();
    let more = 0;
    return {
      file() {},
      present(path) {
        const kind = kindOf(path);
        if (!kind) return;
        if (lists.size < maxPaths) lists.set(path, unreadList(path, kind));
        else more++;
      },
      finish: () => ({ lists: [...lists.values()], problems: more > 0 ? [tooMany(more)] : [] }),
    };
  },
} as const satisfies Cataloger;

function tooMany(count: number): CatalogProblem {
  const reason = `the layer has ${count} more files of language packages that this version does not read, so flaws in them were not looked for`;
  return { code: 'PACKAGES_UNSUPPORTED', path: `${count} more files`, reason };
}

/** Called for every file of an image: the last letter tells most of them apart. */
function kindOf(path: string): UnreadKind | undefined {
  switch (path.charCodeAt(path.length - 1)) {
    case 99: // .gemspec
      return path.endsWith('.gemspec') && isBelow(path, 'specifications') ? 'gemspec' : undefined;
    case 82:
    case 114: // .jar, in letters of either case
      return isArchive(path) ? 'jar' : undefined;
    case 110: // .json
      return path.endsWith('.json') ? kindOfJson(path) : undefined;
    case 107: // Cargo.lock
      return baseName(path) === 'Cargo.lock' ? 'cargo' : undefined;
    case 103: // packages.config
      return baseName(path) === 'packages.config' ? 'nuget' : undefined;
    case 115: // Directory.Packages.props
      return path.slice(-14).toLowerCase() === 'packages.props' ? 'nuget' : undefined;
    case 108: // Manifest.toml
      return baseName(path) === 'Manifest.toml' ? 'julia' : undefined;
    default:
      return undefined;
  }
}

function isArchive(path: string): boolean {
  return ['.jar', '.war', '.ear', '.par'].includes(path.slice(-4).toLowerCase());
}

function kindOfJson(path: string): UnreadKind | undefined {
  if (path.endsWith('.deps.json')) return 'dotnet-core';
  const name = baseName(path);
  if (name === 'packages.lock.json') return 'nuget';
  if (name === 'installed.json') return isIn(path, 'composer') ? 'composer-vendor' : undefined;
  return isIn(path, 'conda-meta') ? 'conda-pkg' : undefined;
}

/** Is this folder somewhere above the file? */
function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`) || path.includes(`/${folder}/`);
}

/** Is the file right inside a folder of this name? */
function isIn(path: string, folder: string): boolean {
  const above = path.slice(0, path.lastIndexOf('/'));
  return above === folder || above.endsWith(`/${folder}`);
}
