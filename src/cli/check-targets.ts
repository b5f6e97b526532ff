import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config/index.js';
import { FormatError, messageOf } from '../core/index.js';
import { parseJson } from '../formats/index.js';
import { isStoredReport, readStoredReport, type StoredReport } from '../subjects/index.js';

/** What a word of the command line stands for. */
export type CheckTarget =
  | { readonly kind: 'image'; readonly text: string }
  | { readonly kind: 'archive'; readonly path: string }
  | { readonly kind: 'report'; readonly path: string; readonly report: StoredReport }
  /** A file, folder or pattern; `-` is standard input. */
  | { readonly kind: 'manifests'; readonly word: string };

const maxReportBytes = 512 * 1024 * 1024;

/**
 * A path that exists is a file or folder: an archive or layout by its bytes, a report by its members, else manifests. What
 * does not exist and does not look like a path is the name of an image, right or wrong.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`
 */
export async function findTarget(word: string): Promise<CheckTarget> {
  if (word === '-') return { kind: 'manifests', word };
  const stats = await stat(word).catch(() => undefined);
  if (!stats) {
    if (isPattern(word)) return { kind: 'manifests', word };
    if (!looksLikePath(word)) return { kind: 'image', text: word };
    throw new ConfigError('FILE_NOT_FOUND', `there is no file ${word}`, {
      hint: 'name a file or folder that exists, or an image',
    });
  }
  if (stats.isDirectory())
    return (await isLayout(word)) ? { kind: 'archive', path: word } : { kind: 'manifests', word };
  const head = await readHead(word);
  if (isArchive(head, word)) return { kind: 'archive', path: word };
  const report = startsLikeJson(head) && stats.size <= maxReportBytes ? await readReport(word) : undefined;
  return report ? { kind: 'report', path: word, report } : { kind: 'manifests', word };
}

/** A pattern of file names; anything else with a wildcard is a name that is none. */
function isPattern(word: string): boolean {
  return /[*?[{]/.test(word) && /^[./~]|\.(?:ya?ml|json)$/.test(word);
}

function looksLikePath(word: string): boolean {
  return /^[./~]|\.(?:tar|tgz|tar\.gz|tar\.zst|ya?ml|json)$/.test(word) && !/^\.+$/.test(word);
}

async function isLayout(folder: string): Promise<boolean> {
  const marks = await Promise.all(
    ['oci-layout', 'index.json', 'manifest.json'].map((name) => stat(join(folder, name)).catch(() => undefined)),
  );
  const [layout, index, manifest] = marks.map((stats) => stats?.isFile() === true);
  return (
    layout === true ||
    (index === true && (await stat(join(folder, 'blobs')).catch(() => undefined)) !== undefined) ||
    manifest === true
  );
}

async function readHead(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(new Uint8Array(512), 0, 512, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new ConfigError('FILE_INVALID', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

function isArchive(head: Uint8Array, path: string): boolean {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return true;
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return true;
  const magic = new TextDecoder().decode(head.subarray(257, 262));
  return magic === 'ustar' || /\.(?:tar|tgz|tar\.gz|tar\.zst)$/.test(path);
}

function startsLikeJson(head: Uint8Array): boolean {
  return /^\ufeff?\s*\{/.test(new TextDecoder().decode(head));
}

/** Undefined for what is no report; a report that is damaged is an error. */
async function readReport(path: string): Promise<StoredReport | undefined> {
  const text = await readFile(path, 'utf8');
  try {
    if (!isStoredReport(parseJson(text, { maxBytes: maxReportBytes }))) return undefined;
  } catch {
    // No JSON: whoever reads manifests says what is wrong with it.
    return undefined;
  }
  try {
    return readStoredReport(text);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new ConfigError('FILE_INVALID', `${path}: ${cause.message}`, { cause });
  }
}
