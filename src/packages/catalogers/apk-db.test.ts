import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogTree, namesOf, squashTrees } from '../../../test/support/cataloger-tester.js';

const path = 'lib/apk/db/installed';
const musl = `C:Q1jzdVcTKzk5rxNuswY/ZXo2YSGcA=
P:musl
V:1.1.24-r2
A:x86_64
S:377564
I:614400
T:the musl c library (libc) implementation
U:http://www.musl-libc.org/
L:MIT
o:musl
m:Timo Teräs <timo.teras@iki.fi>
t:1584790550
c:4024cc3b29ad4c65544ad068b8f59172b5494306
p:so:libc.musl-x86_64.so.1=1
F:lib
R:libc.musl-x86_64.so.1
a:0:0:777
Z:Q17yJ3JFNypA4mxhJJr0ou6CzsJVI=
R:ld-musl-x86_64.so.1
F:
R:top-level

`;
const busybox = `P:busybox
V:1.31.1-r9
A:x86_64
L:GPL-2.0-only AND (BSD-3-Clause OR MIT) WITH nothing
o:busybox
D:so:libc.musl-x86_64.so.1 musl>=1.1 !ssmtp nowhere ca~certificates
p:/bin/sh cmd:[[=1.31.1-r9

`;

function packagesOf(text: string) {
  const { facts } = catalogTree({ [path]: text });
  return { packages: facts.lists[0]?.packages ?? [], unknowns: facts.unknowns, facts };
}

test('reads records: source, licences, files, digest, dependencies by name and by what is provided', () => {
  const { packages, unknowns } = packagesOf(musl + busybox);
  const [first, second] = JSON.parse(JSON.stringify(packages));
  assert.deepEqual(first, {
    id: 'musl@1.1.24-r2',
    name: 'musl',
    version: '1.1.24-r2',
    arch: 'x86_64',
    source: { name: 'musl', version: '1.1.24-r2' },
    licenses: ['MIT'],
    maintainer: 'Timo Teräs <timo.teras@iki.fi>',
    digest: `sha1:${Buffer.from('jzdVcTKzk5rxNuswY/ZXo2YSGcA=', 'base64').toString('hex')}`,
    installedFiles: ['lib/libc.musl-x86_64.so.1', 'lib/ld-musl-x86_64.so.1', 'top-level'],
  });
  assert.deepEqual(second.dependsOn, ['musl@1.1.24-r2']);
  assert.deepEqual(unknowns, []);
});

test('asks for both places and nothing else', () => {
  const files = {
    [path]: musl,
    'usr/lib/apk/db/installed': musl,
    'lib/apk/db/scripts.tar': 'x',
    'opt/lib/apk/db/installed': musl,
  };
  assert.deepEqual(catalogTree(files).asked, [path, 'usr/lib/apk/db/installed']);
});

test('of records with one name the first counts; without an origin there is no source; MD5 sums of old databases', () => {
  const { packages, unknowns } = packagesOf('P:a\nV:1-r0\nC:1B2M2Y8AsgTpgAmY7PhCfg==\n\nP:a\nV:2-r0\n\n');
  assert.equal(packages.length, 1);
  assert.equal(packages[0]?.id, 'a@1-r0');
  assert.equal(packages[0]?.source, undefined);
  assert.equal(packages[0]?.digest, 'md5:d41d8cd98f00b204e9800998ecf8427e');
  assert.deepEqual(unknowns, []);
});

test('an empty database is an empty list, not an error', () => {
  const { packages, unknowns, facts } = packagesOf('');
  assert.deepEqual(packages, []);
  assert.deepEqual(unknowns, []);
  assert.equal(facts.lists.length, 1);
});

const damaged: Readonly<Record<string, string>> = {
  'cut in the middle of a line': (musl + busybox).slice(0, -40).trimEnd(),
  'cut between name and version': `${musl}P:busybox\n`,
  'a record without a name': `${musl}V:1.0-r0\nA:x86_64\n\n`,
  'zeros behind a record': `${musl}${'\0'.repeat(300)}`,
  'zeros for a name': 'P:\0\0\0\nV:1.0-r0\n\n',
  'something else': 'this is not a database\nat all\n',
  'binary bytes': '\u0001\u0002\u0003',
};
for (const [what, text] of Object.entries(damaged)) {
  test(`a damaged database is said to be damaged: ${what}`, () => {
    const { unknowns } = packagesOf(text);
    assert.deepEqual(
      unknowns.map((each) => [each.code, each.subject, each.cataloger]),
      [['PACKAGE_DATABASE_CORRUPT', path, 'apk']],
    );
  });
}

test('what can be read of a damaged database is read', () => {
  assert.deepEqual(
    packagesOf(`${musl}P:busybox\n`).packages.map((each) => each.name),
    ['musl'],
  );
});

test('a version that is none is left out and said', () => {
  const { packages, unknowns } = packagesOf(`${musl}P:odd\nV:1.0!\n\n`);
  assert.deepEqual(
    packages.map((each) => each.name),
    ['musl'],
  );
  assert.deepEqual(
    unknowns.map((each) => each.code),
    ['VERSION_UNPARSABLE'],
  );
});

test('too many records, and very long lines, end in an unknown', () => {
  const { unknowns } = packagesOf('P:a\n\n'.repeat(200_001));
  assert.deepEqual(
    unknowns.map((each) => each.code),
    ['PACKAGE_DATABASE_CORRUPT'],
  );
  const long = packagesOf(`P:${'x'.repeat(5_000_000)}\nV:1-r0\n\n`);
  assert.deepEqual(
    long.unknowns.map((each) => each.code),
    ['PACKAGE_DATABASE_CORRUPT'],
  );
});

test('a number may be missing after a dot: old releases have such versions', () => {
  const image = squashTrees([{ 'lib/apk/db/installed': 'P:libxi\nV:1.7.5.-r2\n\n' }]);
  assert.deepEqual(namesOf(image.osPackages), ['libxi 1.7.5.-r2']);
});
