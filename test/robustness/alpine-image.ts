import type { ImageSpec, TarItem } from '../support/image-builder.js';

/** Files of a small Alpine 3.11 with an openssl that has known flaws. */
export const alpineFiles: readonly TarItem[] = [
  { path: 'etc/alpine-release', content: '3.11.5\n' },
  { path: 'etc/os-release', content: 'ID=alpine\nVERSION_ID=3.11.5\n' },
  {
    path: 'lib/apk/db/installed',
    content: ['musl 1.1.24-r2 musl', 'libcrypto1.1 1.1.1d-r2 openssl', 'libssl1.1 1.1.1d-r2 openssl']
      .map((line) => line.split(' '))
      .map(([name, version, origin]) => `P:${name}\nV:${version}\nA:x86_64\no:${origin}\n\n`)
      .join(''),
  },
];

export const alpineImage: ImageSpec = { layers: [{ items: alpineFiles }], compression: 'gzip', tags: ['alpine:test'] };
