import type { Cataloger } from '../cataloger.js';
import { perFile } from '../per-file.js';
import { firstLine } from '../text-lines.js';

/** Amazon Linux: `Amazon Linux release 2 (Karoo)`, `Amazon Linux AMI release 2018.03`. */
export const systemRelease = {
  id: 'system-release',
  version: 1,
  kind: 'os',
  tells: 'release',
  maxBytes: 64 * 1024,
  wants: (path) => path === 'etc/system-release' || path === 'usr/lib/system-release',
  start: () =>
    perFile((file) => {
      const name = amazonRelease(firstLine(file.text()));
      return name === undefined ? {} : { operatingSystems: [{ path: file.path, family: 'amazon', name }] };
    }),
} as const satisfies Cataloger;

function amazonRelease(line: string): string | undefined {
  const words = line.split(/\s+/).filter((word) => word !== '');
  if (line.startsWith('Amazon Linux release 2') && words.length >= 5) return words.slice(3).join(' ');
  return line.startsWith('Amazon Linux') ? words.slice(2).join(' ') : undefined;
}
