import type { Cataloger } from '../cataloger.js';
import { perFile } from '../per-file.js';
import { firstLine } from '../text-lines.js';

/** Alpine's release, alone on the first line of its file. */
export const alpineRelease = {
  id: 'alpine-release',
  version: 1,
  kind: 'os',
  tells: 'release',
  maxBytes: 64 * 1024,
  wants: (path) => path === 'etc/alpine-release',
  start: () =>
    perFile((file) => {
      const text = file.text();
      if (text === '') return {};
      return { operatingSystems: [{ path: file.path, family: 'alpine', name: firstLine(text) }] };
    }),
} as const satisfies Cataloger;
