import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { TarParser } from '../../src/formats/index.js';

/** One line `[release] - package version` of a DSA or DLA, with the identifiers that stand above it. */
export interface ListedFix {
  readonly advisory: string;
  /** Code name: `buster`. */
  readonly release: string;
  readonly packageName: string;
  readonly version: string;
  /** Empty where the advisory names no CVE: then the advisory's own id is the identifier. */
  readonly cves: readonly string[];
}

/** Code names of releases, by the number that stands in a scope. */
export const codeNames: Readonly<Record<string, string>> = { '10': 'buster', '11': 'bullseye', '12': 'bookworm' };

/** The fixes of `DSA.list` and `DLA.list` of Debian's security tracker in a zstd-compressed tar. */
export function readDebianLists(path: string): readonly ListedFix[] {
  const fixes: ListedFix[] = [];
  const parser = new TarParser({
    entry: ({ path: name }) => (/(?:^|\/)D[SL]A\.list$/.test(name) ? 16_000_000 : 0),
    file: (_entry, bytes) => fixes.push(...parseList(new TextDecoder().decode(bytes))),
    tooLarge: ({ path: name }) => {
      throw new Error(`${name} is too large`);
    },
  });
  parser.feed(decompress(readFileSync(path)));
  parser.end();
  return fixes;
}

/** Lines that give no version (`<not-affected>`, `<unfixed>`) are left out. */
function parseList(text: string): readonly ListedFix[] {
  const fixes: ListedFix[] = [];
  let advisory = '';
  let cves: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [first = '', dash, packageName, version = ''] = line.trim().split(/\s+/);
    if (line.startsWith('[')) {
      advisory = /\bD[SL]A-\d+-\d+\b/.exec(line)?.[0] ?? '';
      cves = [];
    } else if (first.startsWith('{')) {
      cves = line.match(/CVE-\d{4}-\d{4,}/g) ?? [];
    } else if (first.startsWith('[') && dash === '-' && packageName !== undefined && /^\d/.test(version)) {
      fixes.push({ advisory, release: first.slice(1, -1), packageName, version, cves });
    }
  }
  return fixes;
}
