import { compareDigits, isDigitAt, isDigits, skipDigits } from '../digits.js';
import { invalidVersion, type VersionScheme } from '../version-scheme.js';

/** Debian's versions, `[epoch:]upstream[-revision]`, in the order of deb-version(7). */
export const dpkg = {
  id: 'dpkg',
  isValid: (text) => split(text) !== undefined,
  compare: (a, b) => {
    const left = parseDpkgVersion(a);
    const right = parseDpkgVersion(b);
    return (
      left.epoch - right.epoch || comparePart(left.version, right.version) || comparePart(left.release, right.release)
    );
  },
} as const satisfies VersionScheme;

/** A Debian version in its three parts; epoch 0 and release `''` where the text has none. */
export interface DpkgVersion {
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
}

/**
 * Splits a Debian version at the first `:` and the last `-`.
 * @throws VersionError `VERSION_INVALID`.
 */
export function parseDpkgVersion(text: string): DpkgVersion {
  const parts = split(text);
  if (!parts) throw invalidVersion('dpkg', text);
  return parts;
}

const spaces = /^[ \t\n\v\f\r]$/;
const upstream = /^[0-9][A-Za-z0-9.+~:_-]*$/;
const revision = /^[A-Za-z0-9.+~_]*$/;

function split(untrimmed: string): DpkgVersion | undefined {
  const text = trimSpaces(untrimmed);
  const colon = text.indexOf(':');
  const epochText = colon === -1 ? '0' : text.slice(0, colon);
  const epoch = isDigits(epochText) ? Number(epochText) : Number.NaN;
  if (!Number.isSafeInteger(epoch)) return undefined;
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  const version = dash === -1 ? rest : rest.slice(0, dash);
  const release = dash === -1 ? '' : rest.slice(dash + 1);
  return upstream.test(version) && revision.test(release) ? { epoch, version, release } : undefined;
}

function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && spaces.test(text.charAt(start))) start++;
  while (end > start && spaces.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Alternately what is not digits, by character, and digits, as numbers; an empty part equals `0`. */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while (isOtherAt(a, i) || isOtherAt(b, j)) {
      const order = rankAt(a, i++) - rankAt(b, j++);
      if (order !== 0) return order;
    }
    const nextI = skipDigits(a, i);
    const nextJ = skipDigits(b, j);
    const order = compareDigits(a.slice(i, nextI), b.slice(j, nextJ));
    if (order !== 0) return order;
    i = nextI;
    j = nextJ;
  }
  return 0;
}

function isOtherAt(text: string, index: number): boolean {
  return index < text.length && !isDigitAt(text, index);
}

/** `~` sorts before the end of the part, that before letters, those before everything else. */
function rankAt(text: string, index: number): number {
  if (!isOtherAt(text, index)) return 0;
  const code = text.charCodeAt(index);
  if (code === 126) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}
