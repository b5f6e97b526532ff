import type { Cataloger, OperatingSystemFact } from '../cataloger.js';
import { perFile } from '../per-file.js';
import { eachLine, isWord } from '../text-lines.js';

const paths: ReadonlySet<string> = new Set([
  'etc/os-release',
  'usr/lib/os-release',
  'aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
  'x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
]);

/** `ID` to family. Debian, Ubuntu and Amazon have files of their own, which win; here they are the fall-back. */
const families: ReadonlyMap<string, string> = new Map([
  ['activestate', 'activestate'],
  ['almalinux', 'alma'],
  ['alpine', 'alpine'],
  ['amzn', 'amazon'],
  ['azurelinux', 'azurelinux'],
  ['bottlerocket', 'bottlerocket'],
  ['centos', 'centos'],
  ['chainguard', 'chainguard'],
  ['coreos', 'coreos'],
  ['debian', 'debian'],
  ['echo', 'echo'],
  ['fedora', 'fedora'],
  ['mariner', 'cbl-mariner'],
  ['minimos', 'minimos'],
  ['ol', 'oracle'],
  ['opensuse', 'opensuse-leap'],
  ['opensuse-leap', 'opensuse-leap'],
  ['opensuse-tumbleweed', 'opensuse-tumbleweed'],
  ['photon', 'photon'],
  ['rhel', 'redhat'],
  ['rocky', 'rocky'],
  ['sl-micro', 'slem'],
  ['sle-micro', 'slem'],
  ['sle-micro-rancher', 'slem'],
  ['sles', 'sles'],
  ['ubuntu', 'ubuntu'],
  ['wolfi', 'wolfi'],
]);

/**
 * The file that almost every distribution has.
 * @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export const osRelease = {
  id: 'os-release',
  version: 1,
  kind: 'os',
  tells: 'release',
  maxBytes: 256 * 1024,
  wants: (path) => paths.has(path),
  start: () =>
    perFile((file) => {
      const fact = factOf(valuesOf(file.text()));
      return fact ? { operatingSystems: [{ path: file.path, ...fact }] } : {};
    }),
} as const satisfies Cataloger;

function factOf(values: ReadonlyMap<string, string>): Omit<OperatingSystemFact, 'path'> | undefined {
  const id = values.get('ID') ?? '';
  const name = values.get('VERSION_ID') ?? '';
  const family = families.get(id);
  if (!family) return isWord(id) ? { unrecognized: id } : undefined;
  if (name === '') return { unrecognized: `${id} without a release` };
  if (family === 'centos' && values.get('NAME') === 'CentOS Stream') return { family: 'centos-stream', name };
  return { family, name };
}

function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  eachLine(text, (line) => {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at).trim(), unquoted(line.slice(at + 1).trim()));
  });
  return values;
}

function unquoted(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isQuote(text.charCodeAt(start))) start++;
  while (end > start && isQuote(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}
