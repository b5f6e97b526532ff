import { FormatError } from '../../core/index.js';
import type { Cataloged, CatalogedFile, Cataloger } from '../cataloger.js';
import { findZipMember } from '../egg-archive.js';
import { normalizeLicenses, splitLicenses } from '../licenses.js';
import { perFile } from '../per-file.js';
import { baseName, eachLine, isWord } from '../text-lines.js';

/**
 * Installed Python packages: `METADATA` of wheels, `PKG-INFO` of eggs, and eggs that are zip archives.
 * @see https://packaging.python.org/en/latest/specifications/core-metadata/
 */
export const pythonPackage = {
  id: 'python-package',
  version: 1,
  kind: 'language',
  type: 'python-pkg',
  tells: 'packages',
  maxBytes: 64 * 1024 * 1024,
  wants(path) {
    const last = path.charCodeAt(path.length - 1);
    // `METADATA`, `PKG-INFO`, `.egg-info`, `.egg`: look closer only at names that end like these.
    if (last !== 65 && last !== 79 && last !== 111 && last !== 103) return false;
    if (path.endsWith('.egg')) return true;
    return isEggMetadata(path) || (path.includes('.dist-info') && baseName(path) === 'METADATA');
  },
  start: () => perFile(catalog),
} as const satisfies Cataloger;

function isEggMetadata(path: string): boolean {
  return (
    path.endsWith('EGG-INFO/PKG-INFO') ||
    path.endsWith('.egg-info') ||
    path.endsWith('.egg-info/PKG-INFO') ||
    path.endsWith('.egg-info/METADATA')
  );
}

function catalog(file: CatalogedFile): Cataloged {
  if (!file.path.endsWith('.egg')) return fromMetadata(file.path, file.text());
  // Other things have this ending too; an egg that is a file is a zip archive.
  if (file.bytes[0] !== 0x50 || file.bytes[1] !== 0x4b) return {};
  const metadata = findZipMember(file.bytes, isEggMetadata);
  if (!metadata) throw new FormatError('INVALID', 'it is an archive without the metadata of an egg');
  return fromMetadata(file.path, new TextDecoder().decode(metadata));
}

function fromMetadata(path: string, text: string): Cataloged {
  const headers = headersOf(text);
  const name = headers.get('name')?.[0] ?? '';
  const version = headers.get('version')?.[0] ?? '';
  if (!isWord(name) || !isWord(version)) throw new FormatError('INVALID', 'its header has no name or no version');
  const licenses = licensesOf(headers);
  const found = { id: '', name, version, filePath: path, licenses: licenses.length > 0 ? licenses : undefined };
  return { lists: [{ path, type: 'python-pkg', kind: 'language', packages: [found] }] };
}

const wanted: ReadonlySet<string> = new Set(['name', 'version', 'license', 'license-expression', 'classifier']);

/** The headers above the first empty line, names in lower case; lines that are no headers are passed over. */
function headersOf(text: string): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  let current: string[] | undefined;
  eachLine(headOf(text), (line) => {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current && current.length > 0) current.push(`${current.pop() ?? ''} ${line.trim()}`);
      return;
    }
    const at = line.indexOf(':');
    const key = at > 0 && at < 64 ? line.slice(0, at).trim().toLowerCase() : '';
    current = undefined;
    if (!wanted.has(key)) return;
    current = headers.get(key) ?? [];
    current.push(line.slice(at + 1).trim());
    headers.set(key, current);
  });
  return headers;
}

function headOf(text: string): string {
  const ends = [text.indexOf('\n\n'), text.indexOf('\n\r\n')].filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends) + 1);
}

/** The expression wins over the classifiers, and these over the free text. */
function licensesOf(headers: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const expression = headers.get('license-expression')?.[0];
  if (expression) return normalizeLicenses(splitLicenses(expression));
  const classified = (headers.get('classifier') ?? [])
    .filter((each) => each.startsWith('License ::'))
    .map((each) => each.slice(each.lastIndexOf('::') + 2).trim())
    .filter((each) => each !== 'OSI Approved');
  const text = classified.length > 0 ? classified.join(', ') : (headers.get('license')?.[0] ?? '');
  return text === '' ? [] : normalizeLicenses(splitLicenses(text));
}
