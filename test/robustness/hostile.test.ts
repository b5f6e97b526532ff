import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { dockerArchive, ociArchive, attestationOf, type TarItem } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';
import { buildTar, tarEntry, tarHeader, concatBytes, paxHeader } from '../support/tar-writer.js';
import { alpineFiles, alpineImage } from './alpine-image.js';
import { notBuilt, tidewaiter } from './program.js';

interface Case {
  readonly what: string;
  readonly bytes: () => Uint8Array;
  readonly exitCode: 0 | 3 | 4;
  /** In what is written to standard error. */
  readonly says?: RegExp;
  /** Was what could be read still read? */
  readonly finds?: RegExp;
}

const layer = (...extra: readonly TarItem[]): Uint8Array => dockerArchive({ layers: [[...alpineFiles, ...extra]] });
const raw = (bytes: Uint8Array): TarItem => ({ raw: bytes });
const found = /CVE-2020-1967/;

const cases: readonly Case[] = [
  { what: 'an empty file', bytes: () => new Uint8Array(), exitCode: 4, says: /empty|not an image|no image/i },
  { what: 'text', bytes: () => Buffer.from('hello, this is no image\n'.repeat(100)), exitCode: 4 },
  { what: 'a tar file that holds no image', bytes: () => buildTar([{ path: 'a', content: 'b' }]), exitCode: 4 },
  {
    what: 'an archive that ends in the middle of a layer',
    bytes: () => layer().subarray(0, 3000),
    exitCode: 4,
    says: /truncated|ends|end of/i,
  },
  { what: 'a gzip archive that ends early', bytes: () => gzipSync(layer()).subarray(0, 500), exitCode: 4 },
  {
    what: 'a layer whose gzip is damaged',
    bytes: () => {
      const stored = gzipSync(buildTar(alpineFiles));
      stored.fill(0xff, stored.length >> 1);
      return dockerArchive({ layers: [{ items: alpineFiles, stored }] });
    },
    exitCode: 4,
    says: /gzip|unpack|layer/i,
  },
  {
    what: 'a layer that unpacks to far more than any layer',
    bytes: () => {
      const zeros = gzipSync(new Uint8Array(1 << 26), { level: 9 });
      const stored = Buffer.concat(Array.from({ length: 200 }, () => zeros));
      return dockerArchive({ layers: [{ items: [], stored }] });
    },
    exitCode: 4,
  },
  {
    what: 'entries that point out of the image',
    bytes: () => layer({ path: '../../../../tmp/evil', content: 'x' }, { path: '/etc/x', content: 'y' }),
    exitCode: 0,
    finds: found,
  },
  {
    what: 'a package database behind symbolic links that lead in a circle',
    bytes: () =>
      dockerArchive({
        layers: [
          [
            { path: 'etc/alpine-release', content: '3.11.5\n' },
            { path: 'lib/apk/db/installed', link: '../../../a' },
            { path: 'a', link: 'b' },
            { path: 'b', link: 'a' },
          ],
        ],
      }),
    exitCode: 3,
    says: /lib\/apk\/db\/installed/,
  },
  {
    what: 'device nodes and fifos',
    bytes: () =>
      layer(
        { path: 'dev/sda', device: 'block' },
        { path: 'dev/null', device: 'character' },
        { path: 'lib/apk/db/fifo', device: 'fifo' },
      ),
    exitCode: 0,
    finds: found,
  },
  {
    what: 'a negative size',
    bytes: () => layer(raw(tarHeader({ name: 'x', type: '0', size: new Uint8Array(12).fill(0xff) }))),
    exitCode: 4,
  },
  {
    what: 'a size larger than everything',
    bytes: () =>
      layer(
        raw(
          tarHeader({
            name: 'x',
            type: '0',
            size: new Uint8Array([0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
          }),
        ),
      ),
    exitCode: 4,
  },
  {
    what: 'a PAX size that is no number',
    bytes: () => layer(raw(concatBytes([paxHeader({ size: '-5' }), tarEntry({ name: 'y', type: '0' }, 'z')]))),
    exitCode: 4,
  },
  {
    what: 'a manifest nested 10,000 deep',
    bytes: () => buildTar([{ path: 'manifest.json', content: '['.repeat(10_000) + ']'.repeat(10_000) }]),
    exitCode: 4,
    says: /manifest\.json/,
  },
  {
    what: 'a package.json nested 10,000 deep',
    bytes: () =>
      layer({
        path: 'app/package.json',
        content: `{"name":"a","version":"1.0.0","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      }),
    exitCode: 3,
    finds: found,
  },
  {
    what: 'two manifests that differ',
    bytes: () => dockerArchive(alpineImage, { after: [{ path: 'manifest.json', content: '[]' }] }),
    exitCode: 4,
    says: /manifest\.json/,
  },
  {
    what: 'nothing but an attestation',
    bytes: () => ociArchive(attestationOf(alpineImage)),
    exitCode: 3,
    says: /attestation/i,
  },
  {
    what: 'a package database of rubbish',
    bytes: () =>
      dockerArchive({
        layers: [
          [
            { path: 'etc/alpine-release', content: '3.11.5\n' },
            {
              path: 'lib/apk/db/installed',
              content: Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7919) % 256)),
            },
          ],
        ],
      }),
    exitCode: 3,
    says: /lib\/apk\/db\/installed/,
  },
  {
    what: 'an OS without its package database',
    bytes: () => dockerArchive({ layers: [[{ path: 'etc/alpine-release', content: '3.11.5\n' }]] }),
    exitCode: 3,
    says: /database|package/i,
  },
  {
    what: 'a package database that a whiteout removed',
    bytes: () => dockerArchive({ layers: [alpineFiles, [{ path: 'lib/apk/db/installed', whiteout: true }]] }),
    exitCode: 3,
  },
  {
    what: 'a distribution that nobody knows',
    bytes: () =>
      dockerArchive({
        layers: [
          [
            { path: 'etc/os-release', content: 'ID=plan9\nVERSION_ID=4\n' },
            { path: 'lib/apk/db/installed', content: 'P:a\nV:1-r0\nA:x\n\n' },
          ],
        ],
      }),
    exitCode: 3,
  },
  {
    what: 'a release without data',
    bytes: () =>
      dockerArchive({
        layers: [
          [
            { path: 'etc/alpine-release', content: '3.2.1\n' },
            { path: 'lib/apk/db/installed', content: 'P:musl\nV:1-r0\nA:x\no:musl\n\n' },
          ],
        ],
      }),
    exitCode: 3,
    says: /3\.2/,
  },
  {
    what: 'no OS at all',
    bytes: () => dockerArchive({ layers: [[{ path: 'app', content: 'x', mode: 0o755 }]] }),
    exitCode: 3,
  },
  { what: 'no layer at all', bytes: () => dockerArchive({ layers: [] }), exitCode: 3 },
];

for (const { what, bytes, exitCode, says, finds } of cases) {
  test(`hostile input: ${what} ends with ${exitCode}`, { skip: notBuilt }, async (t) => {
    const folder = temporaryFolder(t);
    const image = join(folder, 'image.tar');
    writeFileSync(image, bytes());
    const started = Date.now();
    const ended = await tidewaiter(
      ['image', '--format', 'json', '--cache-dir', join(folder, 'cache'), '--input', image],
      { heapMegabytes: 256, killAfterMs: 120_000 },
    );
    assert.equal(ended.exitCode, exitCode, `${Date.now() - started} ms: ${ended.stderr.slice(-600)}`);
    assert.doesNotMatch(ended.stderr, /\n\s+at .*:\d+:\d+/, 'a stack trace');
    if (says) assert.match(ended.stderr, says);
    if (finds) assert.match(ended.stdout, finds);
    if (exitCode === 3) assert.match(ended.stdout, /"Outcome": "incomplete"/);
  });
}

test('a directory that is no layout, and a path that is not there', { skip: notBuilt }, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'empty'));
  for (const path of ['empty', 'missing.tar']) {
    const ended = await tidewaiter(['image', '--input', join(folder, path)]);
    assert.equal(ended.exitCode, 4, ended.stderr);
    assert.match(ended.stderr, new RegExp(path));
  }
});
