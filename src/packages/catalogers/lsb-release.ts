import type { Cataloger } from '../cataloger.js';
import { perFile } from '../per-file.js';
import { eachLine } from '../text-lines.js';

/** Ubuntu's release: the line that names the distribution, and after it the one with the release. */
export const lsbRelease = {
  id: 'lsb-release',
  version: 1,
  kind: 'os',
  tells: 'release',
  maxBytes: 64 * 1024,
  wants: (path) => path === 'etc/lsb-release',
  start: () =>
    perFile((file) => {
      const name = ubuntuRelease(file.text());
      return name === undefined ? {} : { operatingSystems: [{ path: file.path, family: 'ubuntu', name }] };
    }),
} as const satisfies Cataloger;

function ubuntuRelease(text: string): string | undefined {
  const key = 'DISTRIB_RELEASE=';
  let isUbuntu = false;
  let release: string | undefined;
  eachLine(text, (line) => {
    if (line === 'DISTRIB_ID=Ubuntu') isUbuntu = true;
    else if (isUbuntu && release === undefined && line.startsWith(key)) release = line.slice(key.length);
  });
  return release;
}
