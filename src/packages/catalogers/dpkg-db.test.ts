import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogTree, type LayerTree } from '../../../test/support/cataloger-tester.js';

const status = 'var/lib/dpkg/status';
const libssl = `Package: libssl1.1
Status: install ok installed
Priority: optional
Section: libs
Installed-Size: 4077
Maintainer: Debian OpenSSL Team <pkg-openssl-devel@lists.alioth.debian.org>
Architecture: amd64
Multi-Arch: same
Source: openssl
Version: 1.1.1d-0+deb10u3
Depends: libc6 (>= 2.25), debconf (>= 0.5) | debconf-2.0, perl:any
Description: Secure Sockets Layer toolkit - shared libraries
 This package is part of the OpenSSL project's implementation of the SSL
 and TLS cryptographic protocols for secure communication over the
 Internet.
 .
 It provides the libssl and libcrypto shared libraries.
Homepage: https://www.openssl.org/

`;
const libc = `package: libc6
STATUS: install ok installed
Architecture: amd64
Source: glibc (2.28-10)
Version: 2.28-10+b1
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>

`;
const gone = 'Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1.0-1\n\n';

function read(tree: LayerTree) {
  const { facts, asked } = catalogTree(tree);
  const packages = facts.lists.flatMap((list) => list.packages);
  return { facts, asked, packages, codes: facts.unknowns.map((each) => each.code) };
}

test('reads paragraphs: versions split, sources with versions of their own, dependencies of the same file', () => {
  const { packages, codes } = read({ [status]: libssl + libc + gone });
  assert.deepEqual(JSON.parse(JSON.stringify(packages)), [
    {
      id: 'libssl1.1@1.1.1d-0+deb10u3',
      name: 'libssl1.1',
      version: '1.1.1d',
      release: '0+deb10u3',
      arch: 'amd64',
      source: { name: 'openssl', version: '1.1.1d', release: '0+deb10u3' },
      maintainer: 'Debian OpenSSL Team <pkg-openssl-devel@lists.alioth.debian.org>',
      origin: 'official',
      dependsOn: ['libc6@2.28-10+b1'],
    },
    {
      id: 'libc6@2.28-10+b1',
      name: 'libc6',
      version: '2.28',
      release: '10+b1',
      arch: 'amd64',
      source: { name: 'glibc', version: '2.28', release: '10' },
      maintainer: 'GNU Libc Maintainers <debian-glibc@lists.debian.org>',
      origin: 'official',
    },
  ]);
  assert.deepEqual(codes, []);
});

test('an epoch is a member of its own; of two architectures the last counts', () => {
  const text = ['amd64', 'i386']
    .map((arch) => `Package: tar\nVersion: 1:1.30+dfsg-6\nArchitecture: ${arch}\n\n`)
    .join('');
  const { packages } = read({ [status]: text });
  assert.equal(packages.length, 1);
  assert.deepEqual(
    [packages[0]?.epoch, packages[0]?.version, packages[0]?.release, packages[0]?.arch],
    [1, '1.30+dfsg', '6', 'i386'],
  );
  assert.equal(packages[0]?.source?.epoch, 1);
});

test('half-installed packages count, selected ones that were never installed do not', () => {
  const { packages, codes } = read({
    [status]:
      'Package: half\nStatus: install ok half-installed\nVersion: 1\n\nPackage: never\nStatus: unknown ok not-installed\n\n',
  });
  assert.deepEqual(
    packages.map((each) => each.name),
    ['half'],
  );
  assert.deepEqual(codes, []);
});

test('distroless images: a file a package, its sums beside it, no deeper folders', () => {
  const { facts, asked, codes } = read({
    'var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 10.3+deb10u9\nArchitecture: amd64',
    'var/lib/dpkg/status.d/libc6': libc,
    'var/lib/dpkg/status.d/libc6.md5sums': 'd41d8cd98f00b204e9800998ecf8427e  usr/lib/libc.so\n',
    'var/lib/dpkg/status.d/deeper/x': libc,
  });
  assert.deepEqual(asked, [
    'var/lib/dpkg/status.d/base',
    'var/lib/dpkg/status.d/libc6',
    'var/lib/dpkg/status.d/libc6.md5sums',
  ]);
  assert.deepEqual(
    facts.lists.map((list) => [list.path, list.packages.map((each) => each.name)]),
    [
      ['var/lib/dpkg/status.d/base', ['base-files']],
      ['var/lib/dpkg/status.d/libc6', ['libc6']],
    ],
  );
  assert.deepEqual(facts.lists[1]?.packages[0]?.installedFiles, ['/usr/lib/libc.so']);
  assert.deepEqual(codes, []);
});

test('files, digests and licences come from their own files', () => {
  const sha = 'a'.repeat(64);
  const { packages, facts } = read({
    'usr/share/doc/libc6/copyright': 'License: GPL-2+ and MIT\n x\nSee /usr/share/common-licenses/LGPL-2.1.\n',
    'usr/share/doc/libc6/deeper/copyright': 'License: nobody reads this\n',
    'var/lib/dpkg/info/libc6:amd64.md5sums': 'd41d8cd98f00b204e9800998ecf8427e  lib/a\nbroken line\nd41d  /usr/b\n',
    'var/lib/dpkg/available': `Package: libc6\nVersion: 2.28-10+b1\nSHA256: ${sha}\n\n`,
    [status]: libc,
  });
  assert.deepEqual(packages[0]?.installedFiles, ['/lib/a', '/usr/b']);
  assert.equal(packages[0]?.digest, `sha256:${sha}`);
  assert.deepEqual([...facts.licenses], [['libc6', ['GPL-2.0-or-later', 'MIT', 'LGPL-2.1-only']]]);
});

test('packages of third parties are marked and own no files', () => {
  const { packages, facts } = read({
    [status]: 'Package: nodejs\nVersion: 14.17.0-1nodesource1\nMaintainer: Ivan Iguaran <ivan@nodesource.com>\n\n',
    'var/lib/dpkg/info/nodejs.md5sums': 'd41d  usr/lib/node_modules/npm/package.json\n',
  });
  assert.equal(packages[0]?.origin, 'third-party');
  assert.equal(packages[0]?.installedFiles, undefined);
  assert.deepEqual(facts.ownedFiles, []);
});

test('of the files that packages own only those matter that describe packages', () => {
  const { facts } = read({
    [status]: libc,
    'var/lib/dpkg/info/libc6.md5sums':
      'd41d  usr/lib/python3/dist-packages/six-1.12.0.egg-info\nd41d  usr/bin/x\nd41d  usr/share/nodejs/a/package.json\n',
  });
  assert.deepEqual(facts.ownedFiles, [
    'usr/lib/python3/dist-packages/six-1.12.0.egg-info',
    'usr/share/nodejs/a/package.json',
  ]);
});

const damaged: Readonly<Record<string, string>> = {
  'cut in the middle of a line': (libc + libssl).slice(0, -60),
  'cut in front of the version': `${libc}Package: bash\nStatus: install ok installed\n`,
  'a paragraph without a name': `${libc}Status: install ok installed\nVersion: 1.0\n\n`,
  'a line that is no field': `${libc}Package: a\nVersion: 1\nthis is not a field\n\n`,
  'continuation of nothing': `${libc} what is this\n\n`,
  zeros: `${libc}${'\0'.repeat(500)}\n`,
  'a name of zeros': 'Package: a\0b\nVersion: 1\n\n',
  'blank lines only': '\n\n\n',
  'something else': '{"json": true}\n',
};
for (const [what, text] of Object.entries(damaged)) {
  test(`a damaged status file is said to be damaged: ${what}`, () => {
    assert.deepEqual(read({ [status]: text }).codes, ['PACKAGE_DATABASE_CORRUPT']);
  });
}

test('versions that are none are left out and said, of the source too', () => {
  for (const field of ['Version: -1:2', 'Version: 1.0^1', 'Source: x (abc)\nVersion: 1.0']) {
    const { packages, codes } = read({ [status]: `${libc}Package: odd\n${field}\n\n` });
    assert.deepEqual(
      packages.map((each) => each.name),
      ['libc6'],
    );
    assert.deepEqual(codes, ['VERSION_UNPARSABLE']);
  }
});

test('line ends of other systems, a very long line and too many paragraphs', () => {
  assert.equal(read({ [status]: libc.replaceAll('\n', '\r\n') }).packages[0]?.version, '2.28');
  const long = read({ [status]: `Package: a\nVersion: 1\nDescription: ${'x'.repeat(10_000_000)}\n\n` });
  assert.deepEqual([long.packages.length, long.codes], [1, []]);
  assert.deepEqual(read({ [status]: 'Package: a\n\n'.repeat(200_001) }).codes, ['PACKAGE_DATABASE_CORRUPT']);
});
