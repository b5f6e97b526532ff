import { FormatError } from '../../core/index.js';
import { asArray, asObject, asString, type JsonObject, type JsonValue, parseJson } from '../../formats/index.js';
import type { Cataloged, CatalogedFile, Cataloger } from '../cataloger.js';
import { normalizeLicenses } from '../licenses.js';
import { perFile } from '../per-file.js';
import { isWord } from '../text-lines.js';

const maxBytes = 8 * 1024 * 1024;
const maxLicenseLength = 4096;

/** Installed npm packages: every `package.json` that has a name and a version, wherever it lies. */
export const nodePackage = {
  id: 'node-package',
  version: 1,
  kind: 'language',
  type: 'node-pkg',
  tells: 'packages',
  maxBytes,
  wants: (path) => path.endsWith('package.json') && (path.length === 12 || path.charCodeAt(path.length - 13) === 47),
  start: () => perFile(catalog),
} as const satisfies Cataloger;

function catalog(file: CatalogedFile): Cataloged {
  try {
    return read(file.path, asObject(parseJson(file.bytes, { maxBytes })));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return unreadable(file.path, error.message);
  }
}

function read(path: string, document: JsonObject | undefined): Cataloged {
  if (!document) return unreadable(path, 'it is no JSON object');
  const { name, version } = document;
  if (name === undefined || version === undefined || name === '' || version === '') return {};
  if (typeof name !== 'string' || !isPackageName(name)) return nameless(path, 'its name is no name of an npm package');
  if (typeof version !== 'string' || !isWord(version)) return nameless(path, 'its version is no version');
  const licenses = normalizeLicenses(licensesOf(document.license));
  const found = {
    id: `${name}@${version}`,
    name,
    version,
    filePath: path,
    licenses: licenses.length > 0 ? licenses : undefined,
  };
  return { lists: [{ path, type: 'node-pkg', kind: 'language', packages: [found] }] };
}

/**
 * A broken file is a package that cannot be assessed where npm installs packages, and outside of `node_modules`. Further
 * inside a package it is something else, most often the package's own test data for broken files.
 */
function unreadable(path: string, why: string): Cataloged {
  const place = placeOf(path);
  if (place === 'inside a package') return {};
  return { problems: [{ code: 'PACKAGE_UNREADABLE', path, reason: `${why}: the package was not assessed` }] };
}

/** Templates and tools have files without a proper name; only where npm installs packages must there be one. */
function nameless(path: string, why: string): Cataloged {
  return placeOf(path) === 'installed' ? unreadable(path, why) : {};
}

function placeOf(path: string): 'installed' | 'inside a package' | 'elsewhere' {
  const folder = 'node_modules/';
  const at = path.lastIndexOf(folder);
  if (at < 0) return 'elsewhere';
  const parts = path.slice(at + folder.length).split('/');
  const isScoped = parts[0]?.startsWith('@') ?? false;
  return parts.length === (isScoped ? 3 : 2) ? 'installed' : 'inside a package';
}

function isPackageName(name: string): boolean {
  return name.length <= 1024 && /^(?:@[A-Za-z0-9._-]+\/)?[A-Za-z0-9._-]+$/.test(name);
}

/** A text, `{type}`, or an array of these. Expressions stay whole. */
function licensesOf(value: JsonValue | undefined): readonly string[] {
  const parts = asArray(value) ?? (value === undefined ? [] : [value]);
  return parts.flatMap((part) => {
    const text = asString(part) ?? asString(asObject(part)?.type) ?? '';
    return text === '' ? [] : [text.slice(0, maxLicenseLength)];
  });
}
