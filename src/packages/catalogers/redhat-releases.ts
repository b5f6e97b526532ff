import type { Cataloger } from '../cataloger.js';
import { perFile } from '../per-file.js';
import { firstLine } from '../text-lines.js';

/** The family of each name that stands in front of ` release N`, by the file it may stand in. */
const centos = { centos: 'centos', 'centos linux': 'centos' };
const rocky = { rocky: 'rocky', 'rocky linux': 'rocky' };
const alma = { alma: 'alma', almalinux: 'alma', 'alma linux': 'alma' };
const oracle = { oracle: 'oracle', 'oracle linux': 'oracle', 'oracle linux server': 'oracle' };
const fedora = { fedora: 'fedora', 'fedora linux': 'fedora' };

const files: ReadonlyMap<string, { readonly names: Readonly<Record<string, string>>; readonly otherwise?: string }> =
  new Map([
    ['etc/centos-release', { names: centos }],
    ['etc/rocky-release', { names: rocky }],
    ['etc/almalinux-release', { names: alma }],
    ['etc/oracle-release', { names: {}, otherwise: 'oracle' }],
    ['etc/fedora-release', { names: fedora }],
    ['usr/lib/fedora-release', { names: fedora }],
    ['etc/redhat-release', { names: { ...centos, ...rocky, ...alma, ...oracle, ...fedora }, otherwise: 'redhat' }],
  ]);

/** The release files of Red Hat's relatives: `CentOS Linux release 7.6.1810 (Core)`. */
export const redhatReleases = {
  id: 'redhat-releases',
  version: 1,
  kind: 'os',
  tells: 'release',
  maxBytes: 64 * 1024,
  wants: (path) => files.has(path),
  start: () =>
    perFile((file) => {
      const rule = files.get(file.path);
      const release = releaseOf(file.text());
      const family = release && (ownValue(rule?.names, release.product) ?? rule?.otherwise);
      return family ? { operatingSystems: [{ path: file.path, family, name: release.name }] } : {};
    }),
} as const satisfies Cataloger;

/** The first line decides; the last ` release ` that a digit follows divides it. */
function releaseOf(text: string): { readonly product: string; readonly name: string } | undefined {
  const line = firstLine(text).trim().slice(0, 1024);
  const word = ' release ';
  for (let at = line.lastIndexOf(word); at >= 0; at = at === 0 ? -1 : line.lastIndexOf(word, at - 1)) {
    const name = /^[0-9][0-9.]*/.exec(line.slice(at + word.length))?.[0];
    if (name) return { product: line.slice(0, at).toLowerCase(), name };
  }
  return undefined;
}

function ownValue(names: Readonly<Record<string, string>> | undefined, product: string): string | undefined {
  return names && Object.hasOwn(names, product) ? names[product] : undefined;
}
