import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { parse } from 'yaml';
import { dockerArchive, type TarItem } from '../support/image-builder.js';

/**
 * Images with packages older than their fixes, made from advisories that are known, and with each package the findings
 * that it must have: by construction, not by asking the program under test. Only packages whose advisories leave no
 * doubt are used: with one fixed version in the release (the package is then either just below it, or one revision past
 * it and must stay silent), or with no fix at all.
 */
export interface TruthImage {
  /** `alpine-3.9`, `debian-10`. */
  readonly name: string;
  readonly archive: Uint8Array;
  readonly packageCount: number;
  /** Must have exactly these: `id package installed fixed status`, sorted. */
  readonly expected: readonly string[];
  /** Packages past their fix: none of them may have a finding. */
  readonly silent: readonly string[];
}

const alpineReleases = ['3.3', '3.4', '3.5', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11'];
const debianReleases = { '9': 'stretch', '10': 'buster', '11': 'bullseye' } as const;
const perRelease = 24;

const unfixedStatuses = ['affected', 'will_not_fix', 'fix_deferred', 'end_of_life'] as const;

/** Advisories with no fix, in our plain YAML form: Debian's statuses on packages that its lists never name. */
export const unfixedAdvisories = Object.keys(debianReleases)
  .map((release) =>
    [
      'tidewaiter: advisories/v1',
      `scope: debian ${release}`,
      'source: debian',
      'facts: made up for a test',
      'advisories:',
      unfixed(release),
    ].join('\n'),
  )
  .join('\n---\n');

function unfixed(release: string): string {
  const lines: string[] = [];
  for (let at = 0; at < 12; at++) {
    const status = unfixedStatuses[at % unfixedStatuses.length] ?? 'affected';
    lines.push(
      `  tw-unfixed-${at}:`,
      `    CVE-2099-${release.padStart(2, '0')}${String(at).padStart(2, '0')}: {status: ${status}, severity: LOW}`,
    );
  }
  return lines.join('\n');
}

/** Every image, from the advisories in a folder that holds Alpine's secdb and Debian's lists as packed tar files. */
export function truthImages(advisories: string): readonly TruthImage[] {
  const secdb = unpack(`${advisories}/alpine-secdb.tar.zst`);
  const lists = unpack(`${advisories}/debian-dsa-dla.tar.zst`);
  const images: TruthImage[] = [];
  for (const release of alpineReleases) {
    const text = secdb.get(`alpine-secdb/v${release}/main.yaml`);
    if (text !== undefined) images.push(alpineImage(release, text));
  }
  const both = `${lists.get('debian/DSA.list') ?? ''}\n${lists.get('debian/DLA.list') ?? ''}`;
  for (const [release, codeName] of Object.entries(debianReleases)) images.push(debianImage(release, codeName, both));
  return images;
}

interface Fixes {
  readonly name: string;
  readonly fixed: string;
  readonly ids: readonly string[];
}

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly expected: readonly string[];
}

function alpineImage(release: string, text: string): TruthImage {
  const document = parse(text) as { packages: { pkg: { name: string; secfixes: Record<string, string[]> } }[] };
  const fixes: Fixes[] = [];
  for (const { pkg } of document.packages) {
    const [[fixed, cells] = [], ...more] = Object.entries(pkg.secfixes ?? {});
    if (fixed === undefined || more.length > 0 || !/-r\d+$/.test(fixed) || !Array.isArray(cells)) continue;
    const ids = cells.map((cell) => /^CVE-\d{4}-\d{4,}$/.exec(cell.trim())?.[0]);
    if (ids.every((id): id is string => id !== undefined))
      fixes.push({ name: pkg.name, fixed, ids: [...new Set(ids)] });
  }
  const packages = choose(fixes, alpineBelow, (fixed) =>
    fixed.replace(/-r(\d+)$/, (_, n: string) => `-r${Number(n) + 1}`),
  );
  const database = packages.map(
    ({ name, version }) =>
      `C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:${name}\nV:${version}\nA:x86_64\nS:1\nI:1\nT:test\nU:http://example.invalid\nL:MIT\no:${name}\n`,
  );
  return finish(`alpine-${release}`, packages, [
    { path: 'etc/alpine-release', content: `${release}.0\n` },
    { path: 'etc/os-release', content: `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${release}.0\n` },
    { path: 'lib/apk/db/installed', content: `${database.join('\n')}\n` },
  ]);
}

/** A version just below a fix: the revision before, or for a first revision a pre-release of it. */
function alpineBelow(fixed: string): string | undefined {
  const [, version = '', revision = '0'] = /^(.*)-r(\d+)$/.exec(fixed) ?? [];
  if (Number(revision) > 0) return `${version}-r${Number(revision) - 1}`;
  return /^[0-9.]+$/.test(version) ? `${version}_rc1-r0` : undefined;
}

function debianImage(release: string, codeName: string, lists: string): TruthImage {
  const byPackage = new Map<string, { fixed: string; ids: readonly string[] }[]>();
  let ids: readonly string[] = [];
  for (const line of lists.split('\n')) {
    if (line.startsWith('[')) ids = [];
    const listed = /^\s+\{([^}]*)\}/.exec(line);
    if (listed) ids = (listed[1] ?? '').trim().split(/\s+/);
    const entry = /^\s+\[([a-z]+)\] - (\S+) (\S+)/.exec(line);
    if (entry?.[1] !== codeName || entry[2] === undefined) continue;
    byPackage.set(entry[2], [...(byPackage.get(entry[2]) ?? []), { fixed: entry[3] ?? '', ids }]);
  }
  const fixes: Fixes[] = [];
  for (const [name, all] of byPackage) {
    const [only, ...more] = all;
    if (only === undefined || more.length > 0 || !/^[0-9]/.test(only.fixed)) continue;
    if (only.ids.length > 0 && only.ids.every((id) => /^CVE-\d{4}-\d{4,}$/.test(id))) fixes.push({ name, ...only });
  }
  const packages = choose(
    fixes,
    (fixed) => `${fixed}~`,
    (fixed) => `${fixed}.1`,
  );
  for (let at = 0; at < 12; at++) {
    const status = unfixedStatuses[at % unfixedStatuses.length] ?? 'affected';
    const name = `tw-unfixed-${at}`;
    const id = `CVE-2099-${release.padStart(2, '0')}${String(at).padStart(2, '0')}`;
    packages.push({ name, version: '1.0-1', expected: [`${id} lib${name} 1.0-1 - ${status}`] });
  }
  const status = packages.map(
    ({ name, version }) =>
      `Package: lib${name}\nStatus: install ok installed\nPriority: optional\nMaintainer: Somebody <somebody@example.invalid>\nArchitecture: amd64\nSource: ${name}\nVersion: ${version}\nDescription: made for a test\n`,
  );
  const renamed = packages.map((one) => ({
    ...one,
    name: `lib${one.name}`,
    expected: one.expected.map((line) => line.replace(/^(\S+) (?!lib)/, '$1 lib')),
  }));
  return finish(`debian-${release}`, renamed, [
    { path: 'etc/debian_version', content: `${release}.1\n` },
    { path: 'etc/os-release', content: `ID=debian\nVERSION_ID="${release}"\n` },
    { path: 'var/lib/dpkg/status', content: `${status.join('\n')}\n` },
  ]);
}

/** Alternately below the fix and past it. */
function choose(
  fixes: readonly Fixes[],
  below: (fixed: string) => string | undefined,
  past: (fixed: string) => string,
): Installed[] {
  const sorted = [...fixes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const packages: Installed[] = [];
  let vulnerable = 0;
  let silent = 0;
  for (const { name, fixed, ids } of sorted) {
    const lower = below(fixed);
    if (lower !== undefined && vulnerable < perRelease && vulnerable <= silent) {
      packages.push({ name, version: lower, expected: ids.map((id) => `${id} ${name} ${lower} ${fixed} fixed`) });
      vulnerable++;
    } else if (silent < perRelease) {
      packages.push({ name, version: past(fixed), expected: [] });
      silent++;
    }
  }
  return packages;
}

function finish(name: string, packages: readonly Installed[], items: readonly TarItem[]): TruthImage {
  return {
    name,
    archive: dockerArchive({ layers: [items], tags: [`${name}:truth`], compression: 'none' }),
    packageCount: packages.length,
    expected: packages.flatMap((one) => one.expected).sort(),
    silent: packages.filter((one) => one.expected.length === 0).map((one) => one.name),
  };
}

/** The texts of a zstd-packed tar file; our own reader is not used, as it is what is under test. */
function unpack(path: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(decompress(readFileSync(path)));
  const files = new Map<string, string>();
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8) || 0;
    const name = bytes.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    files.set(name, bytes.toString('utf8', at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
