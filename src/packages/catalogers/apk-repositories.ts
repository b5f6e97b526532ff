import type { PackageRepository } from '../../ecosystems/index.js';
import type { Cataloger } from '../cataloger.js';
import { perFile } from '../per-file.js';
import { eachLine } from '../text-lines.js';

/** The release that apk installs from: `https://dl-cdn.alpinelinux.org/alpine/v3.11/main` is Alpine 3.11. */
export const apkRepositories = {
  id: 'apk-repositories',
  version: 1,
  kind: 'os',
  tells: 'details',
  maxBytes: 1024 * 1024,
  wants: (path) => path === 'etc/apk/repositories',
  start: () => perFile((file) => ({ repository: repositoryOf(file.text()) })),
} as const satisfies Cataloger;

const repositoryUrl = /(?:https*|ftp):\/\/[0-9A-Za-z.-]+\/([A-Za-z]+)\/v?([0-9A-Za-z_.-]+)\//;

/** Commented lines count as others do; lines of two families cancel each other. */
function repositoryOf(text: string): PackageRepository | undefined {
  const found: PackageRepository[] = [];
  eachLine(text, (line) => {
    const [, family, release] = repositoryUrl.exec(line.slice(0, 4096)) ?? [];
    if (family !== undefined && release !== undefined) found.push({ family, release });
  });
  const first = found[0];
  if (!first || found.some((each) => each.family !== first.family)) return undefined;
  return { family: first.family, release: found.map((each) => each.release).reduce(newerRelease) };
}

/** `edge` is newest; of two numbers the greater; what is no number never replaces anything. */
function newerRelease(current: string, next: string): string {
  if (current === 'edge' || next === 'edge') return 'edge';
  if (!isNumbers(current) || !isNumbers(next)) return current;
  const left = current.split('.').map(Number);
  const right = next.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference > 0 ? next : current;
  }
  return current;
}

function isNumbers(text: string): boolean {
  return /^[0-9]+(?:\.[0-9]+)*$/.test(text);
}
