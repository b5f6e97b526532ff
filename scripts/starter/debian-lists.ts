import { readFileSync } from 'node:fs';

/** One line `[release] - package version` of a DSA or DLA, with the identifiers that stand above it. */
export interface ListedFix {
  readonly advisory: string;
  readonly release: string;
  readonly packageName: string;
  readonly version: string;
  /** Empty where the advisory names no CVE: then the advisory's own id is the identifier. */
  readonly cves: readonly string[];
}

/** Code names of the releases that the lists cover, by the number that stands in the scope. */
export const codeNames: Readonly<Record<string, string>> = { '10': 'buster', '11': 'bullseye', '12': 'bookworm' };

/**
 * The fixes of Debian's `DSA.list` or `DLA.list`, oldest first (the files are written newest first).
 * Lines that give no version (`<not-affected>`, `<unfixed>`) are left out.
 */
export function readListedFixes(path: string): readonly ListedFix[] {
  const fixes: ListedFix[] = [];
  let advisory = '';
  let cves: readonly string[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const words = line.trim().split(' ');
    if (line.startsWith('[')) {
      advisory = words.find((word) => /^D[SL]A-\d/.test(word)) ?? '';
      cves = [];
    } else if (words[0]?.startsWith('{')) {
      cves = words.map((word) => word.replace(/[{}]/g, '')).filter((word) => /^CVE-\d{4}-\d+$/.test(word));
    } else if (words[0]?.startsWith('[') && words[1] === '-' && words[2] !== undefined && /^\d/.test(words[3] ?? '')) {
      const release = words[0].slice(1, -1);
      fixes.push({ advisory, release, packageName: words[2], version: words[3] ?? '', cves });
    }
  }
  return fixes.reverse();
}
