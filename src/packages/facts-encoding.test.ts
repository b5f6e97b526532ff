import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { catalogTree, opaque, whiteout } from '../../test/support/cataloger-tester.js';
import { decodeLayerFacts, encodeLayerFacts } from './facts-encoding.js';
import type { LayerFacts } from './layer-facts.js';
import { squashLayers } from './squash.js';

const facts = catalogTree({
  'var/lib/dpkg/status':
    'Package: tar\nVersion: 1:1.30-6\nArchitecture: amd64\nDepends: libc6\nMaintainer: Bdale\n\nPackage: libc6\nVersion: 2.28-10\nSource: glibc (2.28-9)\n\nPackage: odd\nVersion: x\n\n',
  'var/lib/dpkg/info/tar.md5sums': 'd41d  bin/tär\nd41d  usr/share/a/package.json\n',
  'usr/share/doc/tar/copyright': 'License: GPL-3+\n',
  'etc/os-release': { symlink: '../usr/lib/os-release' },
  'usr/lib/os-release': 'ID=arch\n',
  'etc/debian_version': '10.3\n',
  'etc/apk/repositories': 'http://x/alpine/v3.11/main\n',
  'a/package.json': '{"name":"a","version":"1.0.0","license":"MIT"}',
  'b/gone': whiteout,
  c: opaque,
}).facts;

/** As plain values, so that what is `undefined` and what is missing are the same. */
function plain(value: LayerFacts | undefined): unknown {
  if (!value) return undefined;
  return JSON.parse(JSON.stringify({ ...value, licenses: [...value.licenses], paths: [...value.paths] }));
}

test('what is encoded is decoded, and squashes to the same bytes', () => {
  const decoded = decodeLayerFacts(encodeLayerFacts(facts));
  assert.ok(decoded);
  assert.equal(JSON.stringify(squashLayers([decoded])), JSON.stringify(squashLayers([facts])));
  assert.deepEqual(plain(decoded), plain(facts));
  assert.deepEqual(decoded.lists[0]?.packages[0]?.installedFiles, ['/bin/tär', '/usr/share/a/package.json']);
  assert.ok(facts.unknowns.length > 0 && facts.links.length > 0 && facts.repository);
});

test('an empty layer', () => {
  const empty = catalogTree({}).facts;
  assert.deepEqual(plain(decodeLayerFacts(encodeLayerFacts(empty))), plain(empty));
});

test('decodes from the middle of a larger array', () => {
  const bytes = encodeLayerFacts(facts);
  const around = new Uint8Array(bytes.length + 20);
  around.set(bytes, 7);
  assert.deepEqual(plain(decodeLayerFacts(around.subarray(7, 7 + bytes.length))), plain(facts));
});

test('anything that was not written whole is not decoded', () => {
  const bytes = encodeLayerFacts(facts);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ change;
      assert.equal(decodeLayerFacts(flipped), undefined);
      assert.equal(decodeLayerFacts(bytes.subarray(0, at)), undefined);
    }),
    { numRuns: 300 },
  );
  fc.assert(fc.property(fc.uint8Array(), (noise) => assert.equal(decodeLayerFacts(noise), undefined)));
});
