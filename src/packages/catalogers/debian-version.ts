import type { Cataloger } from '../cataloger.js';
import { perFile } from '../per-file.js';
import { firstLine } from '../text-lines.js';

/** Debian's release (`11.6`, or `bookworm/sid`) on the first line. Derivatives keep the file: see how layers merge. */
export const debianVersion = {
  id: 'debian-version',
  version: 1,
  kind: 'os',
  tells: 'release',
  maxBytes: 64 * 1024,
  wants: (path) => path === 'etc/debian_version',
  start: () =>
    perFile((file) => {
      const text = file.text();
      if (text === '') return {};
      return { operatingSystems: [{ path: file.path, family: 'debian', name: firstLine(text) }] };
    }),
} as const satisfies Cataloger;
