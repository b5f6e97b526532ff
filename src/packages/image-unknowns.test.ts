import assert from 'node:assert/strict';
import test from 'node:test';
import { type LayerTree, squashTrees, whiteout } from '../../test/support/cataloger-tester.js';

const installed = 'lib/apk/db/installed';
const musl = 'P:musl\nV:1.1.24-r2\n\n';
const alpine = { 'etc/alpine-release': '3.11.6\n' };
const debian = { 'etc/debian_version': '10.3\n' };

const cases: readonly (readonly [what: string, layers: readonly LayerTree[], codes: readonly string[]])[] = [
  ['a sound image', [{ ...alpine, [installed]: musl }], []],
  ['no system, no packages', [{ 'bin/busybox': 'x' }], ['NO_OS operating system']],
  ['no system, an application', [{ 'app/package.json': '{"name":"a","version":"1.0.0"}' }], ['NO_OS operating system']],
  ['packages without a system: matching says it', [{ [installed]: musl }], []],
  ['an unknown distribution', [{ 'etc/os-release': 'ID=arch\nNAME=Arch\n' }], ['UNSUPPORTED_OS arch']],
  ['no database (apk)', [alpine], [`PACKAGE_DATABASE_MISSING ${installed}`]],
  ['no database (dpkg)', [debian], ['PACKAGE_DATABASE_MISSING var/lib/dpkg/status']],
  [
    'no database (rpm)',
    [{ 'etc/rocky-release': 'Rocky Linux release 8.4\n' }],
    ['PACKAGE_DATABASE_MISSING var/lib/rpm'],
  ],
  [
    'the database of another system',
    [{ ...debian, [installed]: musl }],
    ['PACKAGE_DATABASE_MISSING var/lib/dpkg/status'],
  ],
  [
    'a database that is gone',
    [{ ...alpine, [installed]: musl }, { 'lib/apk': whiteout }],
    [`PACKAGE_DATABASE_MISSING ${installed}`],
  ],
  ['an empty database', [{ ...alpine, [installed]: '' }], [`NO_PACKAGES ${installed}`]],
  ['a broken database', [{ ...alpine, [installed]: 'broken' }], [`PACKAGE_DATABASE_CORRUPT ${installed}`]],
  ['a broken database, replaced', [{ ...alpine, [installed]: 'broken' }, { [installed]: musl }], []],
  [
    'an rpm database',
    [{ 'etc/rocky-release': 'Rocky Linux release 8.4\n', 'var/lib/rpm/Packages': 'x' }],
    ['PACKAGE_DATABASE_UNSUPPORTED var/lib/rpm/Packages'],
  ],
  [
    'a second database of another kind',
    [{ ...debian, 'var/lib/dpkg/status': 'Package: a\nVersion: 1\n\n', 'var/lib/rpm/rpmdb.sqlite': 'x' }],
    ['PACKAGE_DATABASE_UNSUPPORTED var/lib/rpm/rpmdb.sqlite'],
  ],
  [
    'a database that is a link to nowhere',
    [{ ...alpine, [installed]: { symlink: '/data/installed' } }],
    [`PACKAGE_DATABASE_MISSING ${installed}`, `LINK_UNRESOLVED ${installed}`],
  ],
  [
    'a database that is a link to the other place',
    [{ ...alpine, [installed]: { symlink: '/usr/lib/apk/db/installed' }, 'usr/lib/apk/db/installed': musl }],
    [],
  ],
  [
    'a link beside a database that stayed below',
    [{ ...alpine, 'usr/lib/apk/db/installed': musl }, { [installed]: { symlink: '../../../x' } }],
    [`LINK_UNRESOLVED ${installed}`],
  ],
  [
    'a release file that links to another',
    [
      {
        'etc/os-release': { symlink: '../usr/lib/os-release' },
        'usr/lib/os-release': 'ID=alpine\nVERSION_ID=3.11.6\n',
        [installed]: musl,
      },
    ],
    [],
  ],
  [
    'a release file that links to nothing',
    [{ 'etc/os-release': { symlink: '../opt/os-release' }, [installed]: musl }],
    ['LINK_UNRESOLVED etc/os-release'],
  ],
  [
    'a release file that links to nothing, the system known from another file',
    [{ ...alpine, 'etc/os-release': { symlink: '../opt/os-release' }, [installed]: musl }],
    ['LINK_UNRESOLVED etc/os-release'],
  ],
  [
    'links in a circle',
    [
      {
        ...alpine,
        [installed]: { symlink: '/usr/lib/apk/db/installed' },
        'usr/lib/apk/db/installed': { symlink: '/lib/apk/db/installed' },
      },
    ],
    [
      `PACKAGE_DATABASE_MISSING ${installed}`,
      `LINK_UNRESOLVED ${installed}`,
      'LINK_UNRESOLVED usr/lib/apk/db/installed',
    ],
  ],
  [
    'a link out of the root',
    [
      {
        ...alpine,
        [installed]: { symlink: '../../../../../../usr/lib/apk/db/installed' },
        'usr/lib/apk/db/installed': musl,
      },
    ],
    [],
  ],
  ['a link that was removed', [{ ...alpine, [installed]: { symlink: '/data/x' } }, { [installed]: musl }], []],
  [
    'a package that is a link to its file',
    [
      {
        ...alpine,
        [installed]: musl,
        'a/package.json': { symlink: '../store/a/package.json' },
        'store/a/package.json': '{"name":"a","version":"1.0.0"}',
      },
    ],
    [],
  ],
  [
    'a package that is a link to another file',
    [{ ...alpine, [installed]: musl, 'a/package.json': { symlink: '../store/a.json' } }],
    ['LINK_UNRESOLVED a/package.json'],
  ],
  ['a broken package that is gone', [{ ...alpine, [installed]: musl, 'a/package.json': '{' }, { a: whiteout }], []],
  [
    'a broken package that is replaced',
    [{ ...alpine, [installed]: musl, 'a/package.json': '{' }, { 'a/package.json': '{"name":"a","version":"1.0.0"}' }],
    [],
  ],
  [
    'a broken package that stays',
    [{ ...alpine, [installed]: musl, 'a/package.json': '{' }, { 'a/b': 'x' }],
    ['PACKAGE_UNREADABLE a/package.json'],
  ],
];
for (const [what, layers, codes] of cases) {
  test(`${what}: ${codes.join(', ') || 'nothing unknown'}`, () => {
    const { unknowns } = squashTrees(layers);
    assert.deepEqual(
      unknowns.map((each) => `${each.code} ${each.subject}`),
      codes,
    );
    assert.ok(unknowns.every((each) => each.reason.length > 20));
  });
}

test('who asks only for language packages is told nothing of the system', () => {
  const kinds = { os: false, language: true };
  assert.deepEqual(squashTrees([{ 'bin/x': 'x' }], { kinds }).unknowns, []);
  const broken = squashTrees([{ [installed]: 'broken', 'a/package.json': '{' }], { kinds }).unknowns;
  assert.deepEqual(
    broken.map((each) => each.subject),
    ['a/package.json'],
  );
});

test('who asks only for language packages is given none that the system owns, and is told which system it is', () => {
  const kinds = { os: false, language: true };
  const tree = {
    'etc/debian_version': '10.6\n',
    'var/lib/dpkg/status':
      'Package: foo\nStatus: install ok installed\nMaintainer: Debian\nArchitecture: all\nVersion: 1\n\n',
    'var/lib/dpkg/info/foo.md5sums': `${'0'.repeat(32)}  usr/lib/python3/dist-packages/own-1.egg-info\n`,
    'usr/lib/python3/dist-packages/own-1.egg-info': 'Metadata-Version: 1.1\nName: own\nVersion: 1\n\n',
    'usr/local/lib/python3/dist-packages/free-1.egg-info': 'Metadata-Version: 1.1\nName: free\nVersion: 1\n\n',
  };
  const facts = squashTrees([tree], { kinds });
  const names = facts.applications.flatMap((each) => each.packages.map((placed) => placed.package.name));
  assert.deepEqual([names, facts.operatingSystem?.family, facts.unknowns], [['free'], 'debian', []]);
});
